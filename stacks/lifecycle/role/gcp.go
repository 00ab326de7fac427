package role

import (
	"fmt"

	"platform/stacks/config"
)

// GCP is what the pipeline is granted on Google Cloud.
type GCP struct {
	Role Custom `json:"role"`
	// Organization is what no role of a project can hold.
	Organization *Organization `json:"organization,omitempty"`
}

// Custom is a role of one's own, as `gcloud iam roles create --file` reads it
// (https://cloud.google.com/iam/docs/creating-custom-roles).
type Custom struct {
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Stage       string   `json:"stage"`
	Permissions []string `json:"includedPermissions"`
}

// Organization is a role that is granted at the organization, and nowhere below it.
type Organization struct {
	Role        string   `json:"role"`
	Permissions []string `json:"permissions"` // what of it is used
	Why         string   `json:"why"`
}

// MaxPermissions is how many a custom role may have (https://cloud.google.com/iam/quotas).
const MaxPermissions = 3000

// policyAdministrator sets constraints; the organization is the lowest place where it can be granted
// (https://cloud.google.com/iam/docs/roles-permissions/orgpolicy#orgpolicy.policyAdmin). A condition on a tag keeps it
// to the environment's project (https://cloud.google.com/resource-manager/docs/organization-policy/tags-organization-policy).
const policyAdministrator = "roles/orgpolicy.policyAdmin"

// ofGCP is a custom role of the project, and beside it what such a role cannot hold.
func ofGCP(w wanted, _ Uses, purpose string, s config.Settings) (any, error) {
	if n := len(w.actions); n > MaxPermissions {
		return nil, fmt.Errorf("%d permissions: a custom role has %d at most", n, MaxPermissions)
	}
	out := GCP{Role: Custom{titles[purpose] + s.Environment, "What the pipeline needs for " + s.Environment + ", and no more", "GA", w.actions}}
	if len(w.above) > 0 {
		out.Organization = &Organization{
			policyAdministrator, w.above,
			"constraints of the project are set by a role that is granted at the organization; a role of the project cannot hold it",
		}
	}
	return out, nil
}
