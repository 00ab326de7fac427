package gcp

import (
	"fmt"
	"regexp"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/logging"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/projects"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/storage"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// askedAgents are the services whose account does not exist before it is asked for
// (https://cloud.google.com/iam/docs/create-service-agents).
var askedAgents = []string{
	"firestore.googleapis.com", "pubsub.googleapis.com", "secretmanager.googleapis.com", "sqladmin.googleapis.com",
}

// robots are the domains of the accounts that exist once their service is on: Compute Engine's, as which disks
// are encrypted, and GKE's, as which Kubernetes secrets are
// (https://cloud.google.com/iam/docs/service-agents).
var robots = map[string]string{
	"compute.googleapis.com": "compute-system", "container.googleapis.com": "container-engine-robot",
}

// loggingService has an account for log buckets that only its own settings name
// (https://cloud.google.com/logging/docs/routing/managed-encryption-storage).
const loggingService = "logging.googleapis.com"

// storageService has an account for buckets, which is made when somebody asks for it
// (https://cloud.google.com/storage/docs/getting-service-agent).
const storageService = "storage.googleapis.com"

// projectNumber is how accounts of Google's services name the project.
var projectNumber = regexp.MustCompile(`^service-([0-9]+)@`)

// agent is the member string of the account as which a Google service works in the project.
func (d *Driver) agent(service string) pulumi.StringOutput {
	member, ok := d.ground.agents[service]
	if !ok {
		panic(fmt.Sprintf("gcp: no account of service %q: add it to the lists in agents.go; the foundation comes first", service))
	}
	return member
}

// learnAgents asks for the accounts that are made on demand, and derives the others.
func (d *Driver) learnAgents(ctx *pulumi.Context, name string, parent pulumi.Resource) error {
	d.ground.agents = map[string]pulumi.StringOutput{}
	var first pulumi.StringOutput
	for i, service := range askedAgents {
		made, err := projects.NewServiceIdentity(ctx, name+"-agent-"+service, &projects.ServiceIdentityArgs{
			Project: pulumi.String(d.s.Project), Service: pulumi.String(service),
		}, d.under(parent))
		if err != nil {
			return fmt.Errorf("account of service %s: %w", service, err)
		}
		d.ground.agents[service] = made.Email.ApplyT(member).(pulumi.StringOutput)
		if i == 0 {
			first = made.Email
		}
	}
	for service, domain := range robots {
		d.ground.agents[service] = first.ApplyT(func(email string) (string, error) {
			return robot(email, domain)
		}).(pulumi.StringOutput)
	}
	// The project goes through an output of what waits for the services: asked before, Logging may be off.
	project := first.ApplyT(func(string) string { return d.s.Project }).(pulumi.StringOutput)
	settings := logging.GetProjectCmekSettingsOutput(ctx, logging.GetProjectCmekSettingsOutputArgs{Project: project}, pulumi.Parent(parent))
	d.ground.agents[loggingService] = settings.ServiceAccountId().ApplyT(member).(pulumi.StringOutput)
	buckets := storage.GetProjectServiceAccountOutput(ctx, storage.GetProjectServiceAccountOutputArgs{Project: project.ToStringPtrOutput()}, pulumi.Parent(parent))
	d.ground.agents[storageService] = buckets.EmailAddress().ApplyT(member).(pulumi.StringOutput)
	return nil
}

// member is how policies name an account.
func member(email string) string { return "serviceAccount:" + email }

// robot is the member string of the account with another domain in the project of a known one.
func robot(email, domain string) (string, error) {
	found := projectNumber.FindStringSubmatch(email)
	if found == nil {
		return "", fmt.Errorf("account %q: service-<project number>@... was expected", email)
	}
	return member("service-" + found[1] + "@" + domain + ".iam.gserviceaccount.com"), nil
}
