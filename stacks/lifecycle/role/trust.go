package role

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"platform/stacks/config"
	"platform/stacks/lifecycle/written"
)

// issuer signs the tokens of GitHub's runners (https://docs.github.com/actions/reference/security/oidc).
const issuer = "https://token.actions.githubusercontent.com"

// Purposes are for what the pipeline takes a role: to look at what a change would do, or to do it.
var Purposes = []string{"deploy", "preview"}

// titles begin the names of roles.
var titles = map[string]string{"deploy": "Deploy ", "preview": "Preview ", Inventory: "Inventory ", Orphans: "Orphans "}

// Subject is whom a cloud lets take a role: a job of the repository with one of its environments, whose rules say who may start it
// (https://docs.github.com/actions/reference/security/oidc#filtering-for-a-specific-environment).
func Subject(repository, environment, purpose string) string {
	if purpose == "preview" {
		environment += "-preview"
	}
	return "repo:" + repository + ":environment:" + environment
}

// repositories are by their names, or by names with the numbers that no other repository ever gets: those are in the subjects of
// repositories that were made or renamed from 15 July 2026 on
// (https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens/).
var repositories = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*(@[0-9]+)?/[A-Za-z0-9._-]+(@[0-9]+)?$`)

// number is a project's (https://cloud.google.com/resource-manager/docs/creating-managing-projects#identifying_projects).
var number = regexp.MustCompile(`^[0-9]{6,20}$`)

// Trusted is who may take a role.
type Trusted struct {
	Repository, Purpose string
	Project             string // on Google Cloud: the project's number
}

func (w Trusted) faults(s config.Settings) error {
	var faults []error
	fault := func(flag, value, allowed string) {
		faults = append(faults, fmt.Errorf("--%s: value %q: %s is allowed", flag, value, allowed))
	}
	if m := repositories.FindStringSubmatch(w.Repository); m == nil || (m[1] == "") != (m[2] == "") {
		fault("repository", w.Repository, "owner/name, or owner@number/name@number as its tokens have it")
	}
	if !slices.Contains(Purposes, w.Purpose) {
		fault("for", w.Purpose, "one of "+fmt.Sprint(Purposes))
	}
	if needed := s.Cloud == "gcp"; needed && !number.MatchString(w.Project) || !needed && w.Project != "" {
		fault("project-number", w.Project, "the number of the environment's project where it is on gcp, and nothing elsewhere,")
	}
	return errors.Join(faults...)
}

// TrustPolicy is the trust of a role of AWS
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html#idp_oidc_Create_GitHub).
type TrustPolicy struct {
	Version   string
	Statement []TrustStatement
}

// TrustStatement is one of a trust.
type TrustStatement struct {
	Effect    string
	Principal map[string]string
	Action    string
	Condition map[string]map[string]string
}

// FederatedCredential is one of a managed identity of Azure, for `az identity federated-credential create`
// (https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust-user-assigned-managed-identity).
type FederatedCredential struct {
	Name      string   `json:"name"`
	Issuer    string   `json:"issuer"`
	Subject   string   `json:"subject"`
	Audiences []string `json:"audiences"`
}

// Pool is what lets a job be a service account of Google Cloud
// (https://cloud.google.com/iam/docs/workload-identity-federation-with-deployment-pipelines).
type Pool struct {
	Provider Provider `json:"provider"`
	// Binding is of the service account.
	Binding Binding `json:"binding"`
}

// Provider is one of a pool, for `gcloud iam workload-identity-pools providers create-oidc`.
type Provider struct {
	Issuer    string            `json:"issuerUri"`
	Mapping   map[string]string `json:"attributeMapping"`
	Condition string            `json:"attributeCondition"`
}

// Binding is what a member is granted.
type Binding struct {
	Role   string `json:"role"`
	Member string `json:"member"`
}

// trusts write whom each cloud lets take the role.
var trusts = map[string]func(subject string, w Trusted, s config.Settings) any{
	"aws": func(subject string, _ Trusted, s config.Settings) any {
		host := strings.TrimPrefix(issuer, "https://")
		return TrustPolicy{"2012-10-17", []TrustStatement{{
			"Allow", map[string]string{"Federated": fmt.Sprintf("arn:aws:iam::%s:oidc-provider/%s", s.Landing.Account, host)}, "sts:AssumeRoleWithWebIdentity",
			map[string]map[string]string{"StringEquals": {host + ":aud": "sts.amazonaws.com", host + ":sub": subject}},
		}}}
	},
	"azure": func(subject string, w Trusted, s config.Settings) any {
		return FederatedCredential{w.Purpose + "-" + s.Environment, issuer, subject, []string{"api://AzureADTokenExchange"}}
	},
	"gcp": func(subject string, w Trusted, _ config.Settings) any {
		return Pool{
			// The condition keeps every other repository of the forge out of the pool, whatever is bound to it later.
			Provider{issuer, map[string]string{"google.subject": "assertion.sub"}, fmt.Sprintf("assertion.sub.startsWith('repo:%s:')", w.Repository)},
			Binding{
				"roles/iam.workloadIdentityUser",
				fmt.Sprintf("principal://iam.googleapis.com/projects/%s/locations/global/workloadIdentityPools/pipeline/subject/%s", w.Project, subject),
			},
		}
	},
}

// Trust is whom the cloud of an environment lets take a role of it.
func Trust(w Trusted, s config.Settings) (any, error) {
	if err := w.faults(s); err != nil {
		return nil, err
	}
	return trusts[s.Cloud](Subject(w.Repository, s.Environment, w.Purpose), w, s), nil
}

// TrustCommand prints whom a cloud lets take the pipeline's role.
func TrustCommand() *cobra.Command {
	var environment, stacks string
	var w Trusted
	c := &cobra.Command{
		Use:   "trust",
		Short: "Print whom an environment's account lets take the pipeline's role: the jobs of one GitHub environment, and nobody else",
		Long: `Print what the account of an environment must say so that the pipeline's jobs take its role by their own token, without a key. On AWS
the trust policy of the role; on Azure a federated credential of the managed identity that has the role; on Google Cloud a provider of the pool
"pipeline", and the binding of the service account that has the role. Trusted are the jobs of the GitHub environment that has the environment's
name, or with --for preview that name and -preview: who may start those, and from which branch, say the rules of the GitHub environment.`,
		Example: `  lifecycle trust --environment prod-aws --repository acme@123456/platform@456789
  lifecycle trust --environment prod-gcp --repository acme/platform --project-number 123456789012 --for preview`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := config.Stated(os.DirFS(stacks), environment)
			if err != nil {
				return err
			}
			trust, err := Trust(w, s)
			if err != nil {
				return err
			}
			return written.JSON(c.OutOrStdout(), trust)
		},
	}
	flags := c.Flags()
	flags.StringVar(&environment, "environment", "", "a stacks/Pulumi.<environment>.yaml")
	flags.StringVar(&w.Repository, "repository", "", "as its tokens have it: owner@number/name@number, or owner/name where it is older than July 2026")
	flags.StringVar(&w.Purpose, "for", Purposes[0], "one of "+strings.Join(Purposes, ", "))
	flags.StringVar(&w.Project, "project-number", "", "on Google Cloud: the `number` of the environment's project")
	flags.StringVar(&stacks, "stacks", "stacks", "folder of the environments")
	for _, name := range []string{"environment", "repository"} {
		if err := c.MarkFlagRequired(name); err != nil {
			panic(fmt.Sprintf("role: %v", err)) // a flag that is not there
		}
	}
	return c
}
