package role

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestOneGitHubEnvironmentIsTrusted compares the whole trust on each cloud.
func TestOneGitHubEnvironmentIsTrusted(t *testing.T) {
	for _, test := range []struct {
		environment string
		who         Trusted
		want        string
	}{
		{"prod-aws", Trusted{"acme@12/platform@34", "deploy", ""}, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},` +
			`"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com","token.actions.githubusercontent.com:sub":"repo:acme@12/platform@34:environment:prod-aws"}}}]}`},
		{"dev-azure", Trusted{"acme/platform", "preview", ""}, `{"name":"preview-dev-azure","issuer":"https://token.actions.githubusercontent.com","subject":"repo:acme/platform:environment:dev-azure-preview","audiences":["api://AzureADTokenExchange"]}`},
		{"prod-gcp", Trusted{"acme/platform", "deploy", "123456789012"}, `{"provider":{"issuerUri":"https://token.actions.githubusercontent.com","attributeMapping":{"google.subject":"assertion.sub"},"attributeCondition":"assertion.sub.startsWith('repo:acme/platform:')"},` +
			`"binding":{"role":"roles/iam.workloadIdentityUser","member":"principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/pipeline/subject/repo:acme/platform:environment:prod-gcp"}}`},
	} {
		got, err := Trust(test.who, settings(t, test.environment))
		if err != nil {
			t.Errorf("%s: %v", test.environment, err)
			continue
		}
		if raw, err := json.Marshal(got); err != nil || string(raw) != test.want {
			t.Errorf("%s: got\n%s, %v\nwant\n%s", test.environment, raw, err, test.want)
		}
	}
}

func TestWhomNobodyCanTrustIsRefused(t *testing.T) {
	for _, test := range []struct {
		environment string
		who         Trusted
		want        []string
	}{
		{"dev-aws", Trusted{"acme", "destroy", "12"}, []string{`--repository: value "acme"`, `--for: value "destroy": one of [deploy preview]`, `--project-number: value "12"`}},
		{"dev-aws", Trusted{"acme/*", "deploy", ""}, []string{`--repository: value "acme/*"`}},
		{"dev-aws", Trusted{"acme@12/platform", "deploy", ""}, []string{`--repository: value "acme@12/platform"`}},
		{"dev-aws", Trusted{"acme/platform:environment:x", "deploy", ""}, []string{"--repository"}},
		{"dev-gcp", Trusted{"acme/platform", "deploy", "platform-dev"}, []string{`--project-number: value "platform-dev"`}},
	} {
		_, err := Trust(test.who, settings(t, test.environment))
		if err == nil || strings.Count(err.Error(), "\n")+1 != len(test.want) {
			t.Errorf("%+v: %v, want %d faults", test.who, err, len(test.want))
			continue
		}
		for _, want := range test.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%+v: %v, want %q", test.who, err, want)
			}
		}
	}
}

// TestWhoPreviewsOnlyReads: of each committed environment what its role for previews may is a part of what deploys it, and changes nothing
// and tells no secret.
func TestWhoPreviewsOnlyReads(t *testing.T) {
	for _, environment := range []string{"dev-aws", "prod-aws", "dev-azure", "prod-azure", "dev-gcp", "prod-gcp"} {
		raw, err := os.ReadFile("../../../tests/environments/testdata/" + environment + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		s, uses := settings(t, environment), Read(raw)
		preview, err := wantedBy(uses.Types, "preview", s)
		if err != nil {
			t.Fatal(err)
		}
		deploy, err := wantedBy(uses.Types, "deploy", s)
		if err != nil {
			t.Fatal(err)
		}
		for _, action := range preview.actions {
			if !slices.Contains(deploy.actions, action) {
				t.Errorf("%s: %s is of the preview alone", environment, action)
			}
			_, operation, _ := strings.Cut(action, ":")
			switch s.Cloud {
			case "aws":
				if !strings.HasPrefix(operation, "Get") && !strings.HasPrefix(operation, "List") && !strings.HasPrefix(operation, "Describe") && action != "apigateway:GET" {
					t.Errorf("%s: %s does not only read", environment, action)
				}
			case "azure":
				if lower := strings.ToLower(action); !strings.HasSuffix(lower, "/read") && lower != "microsoft.containerservice/managedclusters/listclusterusercredential/action" {
					t.Errorf("%s: %s does not only read", environment, action)
				}
			case "gcp":
				verb := action[strings.LastIndex(action, ".")+1:]
				if !slices.Contains([]string{"get", "list", "getIamPolicy", "getMetadata"}, verb) {
					t.Errorf("%s: %s does not only read", environment, action)
				}
			}
		}
		if len(preview.actions) < 10 || len(preview.above) > 0 {
			t.Errorf("%s: only %d actions, and %v of the organization", environment, len(preview.actions), preview.above)
		}
		if _, err := Of(uses, "preview", s); err != nil {
			t.Errorf("%s: %v", environment, err)
		}
	}
}
