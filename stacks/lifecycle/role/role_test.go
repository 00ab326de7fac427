package role

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"platform/policies/document"
	"platform/stacks/config"
)

func settings(t *testing.T, environment string) config.Settings {
	t.Helper()
	s, err := config.Stated(os.DirFS("../.."), environment)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestTheDeployRolesAreWritten compares what each environment's golden inventory needs with docs/deploy-role.
// UPDATE_GOLDEN=1 (make deploy-roles) rewrites the files.
func TestTheDeployRolesAreWritten(t *testing.T) {
	files, err := filepath.Glob("../../../tests/environments/testdata/*.txt")
	if err != nil || len(files) < 8 {
		t.Fatalf("found %v (%v)", files, err)
	}
	for _, inventory := range files {
		name := strings.TrimSuffix(filepath.Base(inventory), ".txt")
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(inventory)
			if err != nil {
				t.Fatal(err)
			}
			s := settings(t, name)
			var got bytes.Buffer
			err = Write(&got, Types(raw), s)
			if _, known := tables[s.Cloud]; !known {
				if !errors.Is(err, ErrNoTable) {
					t.Errorf("%s says %v, want that it has no table", s.Cloud, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			file := "../../../docs/deploy-role/" + name + ".json"
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if want, err := os.ReadFile(file); err != nil || !bytes.Equal(want, got.Bytes()) {
				t.Errorf("%s is not what the inventory needs (%v): make deploy-roles rewrites it", file, err)
			}
			if s.Cloud == "gcp" {
				custom(t, got.Bytes())
				return
			}
			var policies []Policy
			if err := json.Unmarshal(got.Bytes(), &policies); err != nil {
				t.Fatal(err)
			}
			for _, p := range policies {
				judge(t, p, s)
			}
		})
	}
}

// custom wants permissions by name, as many as a role may have.
func custom(t *testing.T, raw []byte) {
	t.Helper()
	var role Custom
	if err := json.Unmarshal(raw, &role); err != nil {
		t.Fatal(err)
	}
	if n := len(role.Permissions); n < 50 || n > MaxPermissions {
		t.Errorf("%d permissions", n)
	}
	for _, permission := range role.Permissions {
		if strings.Count(permission, ".") != 2 || strings.Contains(permission, "*") {
			t.Errorf("permission %q", permission)
		}
	}
}

// judge wants actions by name, in the region or on the environment's own things.
func judge(t *testing.T, p Policy, s config.Settings) {
	t.Helper()
	if n := length(p.Document); n > MaxPolicy {
		t.Errorf("%s has %d characters, %d are allowed", p.Name, n, MaxPolicy)
	}
	for _, st := range p.Document.Statement {
		for _, action := range st.Action {
			if strings.Contains(action, "*") || document.Every(action) {
				t.Errorf("%s %s: action %s", p.Name, st.Sid, action)
			}
		}
		for _, resource := range st.Resource {
			if region := st.Condition["StringEquals"]["aws:RequestedRegion"]; resource == "*" && (len(region) != 1 || region[0] != s.Region) {
				t.Errorf("%s %s: every resource in %v", p.Name, st.Sid, region)
			}
		}
		if st.Sid == "PassRole" && st.Resource[0] != "arn:aws:iam::"+s.Landing.Account+":role/"+s.Environment+"-*" {
			t.Errorf("%s: roles %v may be passed", p.Name, st.Resource)
		}
	}
}

func TestATypeWithoutAnEntryIsNamedWithTheFile(t *testing.T) {
	_, err := Of([]string{"aws:sqs/queue:Queue", "aws:lambda/function:Function"}, settings(t, "dev-aws"))
	if err == nil || !strings.Contains(err.Error(), "type aws:lambda/function:Function: add what it needs to stacks/lifecycle/role/aws.yaml") {
		t.Errorf("found %v", err)
	}
}

func TestEachEntryHasASourceAndIsRead(t *testing.T) {
	for cloud, page := range map[string]string{
		"aws": "https://docs.aws.amazon.com/service-authorization/", "gcp": "https://cloud.google.com/iam/docs/roles-permissions/",
	} {
		all, err := table(cloud)
		if err != nil {
			t.Fatal(err)
		}
		for kind, n := range all {
			if !strings.HasPrefix(n.Source, page) || len(n.Create) == 0 || len(n.Read) == 0 {
				t.Errorf("%s: source %q, %d actions to create it and %d to read it", kind, n.Source, len(n.Create), len(n.Read))
			}
		}
	}
}

func TestTypesAreReadFromAState(t *testing.T) {
	got := Types([]byte(`{"resources":[{"urn":"x","type": "aws:sqs/queue:Queue"},{"type":"aws:sqs/queue:Queue"}]}`))
	if len(got) != 1 || got[0] != "aws:sqs/queue:Queue" {
		t.Errorf("found %v", got)
	}
}
