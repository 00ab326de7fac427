package gcp

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"strings"

	"platform/tests/cloud"
)

const (
	projectType = "resourcemanager:project"
	// onType is a service that is on in a project. It is the project's and no environment's: it counts as what
	// was there before.
	onType = "serviceusage:service"
	// agentType is the account as which a service of Google's works in a project; it can never be deleted.
	agentType = "iam:service-agent"
	// accountOfType is an account of the project's own.
	accountOfType = "gcp:serviceaccount/account:Account"
)

var projectsHooks = map[string]cloud.Hook{
	"gcp:projects/service:Service":                 {Created: serviceOn, Deleted: serviceOff},
	"gcp:projects/serviceIdentity:ServiceIdentity": {Created: identityCreated},
}

// number stands for the number that a project gets when it is made.
func number(project string) string {
	sum := sha256.Sum256([]byte(project))
	return strconv.FormatUint(100_000_000_000+binary.BigEndian.Uint64(sum[:8])%900_000_000_000, 10)
}

func enabled(project, service string) cloud.Object {
	return cloud.Object{Type: onType, ID: project + "/" + service, Account: project, Hidden: true, Preexisting: true}
}

// serviceOn: a service comes with its account, unless it is one that makes it on demand
// (https://cloud.google.com/iam/docs/create-service-agents). A service of one's own, such as an API's, is the
// environment's and goes with it.
func serviceOn(t *cloud.Tx, o *cloud.Object) error {
	service := o.Str("service")
	if t.Get(onType, o.Account+"/"+service) == nil {
		on := enabled(o.Account, service)
		if !strings.HasSuffix(service, ".googleapis.com") {
			on.Preexisting, on.Owner = false, o.Key()
		}
		t.Mint(on)
	}
	if domain := agentDomains[service]; domain != "" && !onDemand[service] {
		mintAgent(t, o.Account, service)
	}
	return nil
}

// serviceOff keeps the service on unless the program says otherwise. A service that is used is not switched off
// (https://cloud.google.com/service-usage/docs/enable-disable#disabling).
func serviceOff(t *cloud.Tx, o *cloud.Object) error {
	if !o.Bool("disableOnDestroy") {
		return takesOwned(t, o)
	}
	module := strings.TrimSuffix(o.Str("service"), ".googleapis.com")
	for _, typ := range usersOf(module) {
		if used := t.Find(typ, func(u *cloud.Object) bool { return u.Account == o.Account }); len(used) > 0 {
			return cloud.Refuse("FAILED_PRECONDITION", "the service %s is used by %s", o.Str("service"), used[0])
		}
	}
	t.Remove(cloud.Key{Type: onType, ID: o.Account + "/" + o.Str("service")})
	return nil
}

// agentDomains are what follows the @ in the accounts of services
// (https://cloud.google.com/iam/docs/service-agents).
var agentDomains = map[string]string{
	"apigateway.googleapis.com":        "gcp-sa-apigateway",
	"cloudkms.googleapis.com":          "gcp-sa-cloudkms",
	"compute.googleapis.com":           "compute-system",
	"container.googleapis.com":         "container-engine-robot",
	"firestore.googleapis.com":         "gcp-sa-firestore",
	"logging.googleapis.com":           "gcp-sa-logging",
	"pubsub.googleapis.com":            "gcp-sa-pubsub",
	"secretmanager.googleapis.com":     "gcp-sa-secretmanager",
	"servicenetworking.googleapis.com": "service-networking",
	"sqladmin.googleapis.com":          "gcp-sa-cloud-sql",
	"storage.googleapis.com":           "gs-project-accounts",
}

// onDemand are the services whose account is made when somebody asks for it.
var onDemand = map[string]bool{
	"firestore.googleapis.com": true, "secretmanager.googleapis.com": true, "sqladmin.googleapis.com": true,
	"storage.googleapis.com": true,
}

func agentEmail(project, service string) string {
	return "service-" + number(project) + "@" + agentDomains[service] + ".iam.gserviceaccount.com"
}

func mintAgent(t *cloud.Tx, project, service string) {
	email := agentEmail(project, service)
	if t.Get(agentType, email) == nil {
		t.Mint(cloud.Object{Type: agentType, ID: email, Account: project, Hidden: true, Preexisting: true})
	}
}

// identityCreated makes the account; it stays when the resource goes.
func identityCreated(t *cloud.Tx, o *cloud.Object) error {
	service := o.Str("service")
	if agentDomains[service] == "" {
		return cloud.Refuse("NOT_FOUND", "the service %q has no account of its own that the simulated cloud knows", service)
	}
	if t.Get(projectType, o.Account) != nil && t.Get(onType, o.Account+"/"+service) == nil {
		return cloud.Refuse("FAILED_PRECONDITION", "the service %s is not on in project %s", service, o.Account)
	}
	mintAgent(t, o.Account, service)
	email := agentEmail(o.Account, service)
	o.Outputs["email"], o.Outputs["member"] = email, "serviceAccount:"+email
	return nil
}

// memberExists refuses a grant to an account of the project that is not there, as IAM does
// (https://cloud.google.com/iam/docs/troubleshoot-policies). What it cannot know, such as people, passes.
func memberExists(t *cloud.Tx, o *cloud.Object, member string) error {
	email, ok := strings.CutPrefix(member, "serviceAccount:")
	if !ok || t.Get(projectType, o.Account) == nil {
		return nil
	}
	missing := false
	switch {
	case strings.HasSuffix(email, "@"+storageAgent+".iam.gserviceaccount.com"): // made for whoever asks for its name
		missing = email != agentEmail(o.Account, storageService)
	case strings.HasPrefix(email, "service-"):
		missing = t.Get(agentType, email) == nil
	case strings.HasPrefix(email, "cmek-p"):
		missing = email != logAccountOf(o.Account)
	case strings.HasSuffix(email, "@"+o.Account+".iam.gserviceaccount.com"):
		missing = t.Lookup([]string{accountOfType}, []string{"email"}, email) == nil
	}
	if missing {
		return cloud.Refuse("INVALID_ARGUMENT", "Service account %s does not exist.", email)
	}
	return nil
}
