package delivery

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/flows"
	"platform/components/naming"
	"platform/components/tags"
)

// Args configures how an environment is delivered.
type Args struct {
	Environment string
	Folder      string // of each service's files that is for this environment
	Host        string // under which people see what is delivered
	// Replicas of each part that can have several, so that one may go.
	Replicas int
	// SelfHeal lets Git win: what differs is put right and what is not in Git is removed. Without it nothing is done
	// but to tell of the difference.
	SelfHeal bool
	SSO      SSO
	Git      Git
	// Operators are the groups, as tokens name them, whose people see everything and may have it delivered again.
	Operators []string
	Teams     map[string]Team
	Services  map[string]Service
	// Annotations of the account as which the platform's own secrets are fetched.
	Annotations pulumi.StringMap
	// Around is what is around it, with the ways to Git and to the issuer.
	Around flows.Around
	// Nodes must be there before the chart, which waits for its pods to run; After is what defines stores of secrets.
	Nodes, After []pulumi.Resource
	// Watching is what watches, which is to see what is delivered from its first moment.
	Watching []pulumi.Resource
	Tags     tags.Set
}

// SSO is who says who somebody is.
type SSO struct {
	Issuer   string // URL
	ClientID string
	Scopes   []string      // that make the issuer name somebody's groups
	Secret   bridge.Source // the client's secret
}

// Git is how all repositories are read.
type Git struct {
	URL      string // with which every repository begins
	Username string
	Secret   bridge.Source // a token that may read
}

// Team owns services.
type Team struct {
	Groups     []string // as tokens name them
	Repository string   // URL
}

// Service is something that is delivered.
type Service struct {
	Team      string
	Namespace pulumi.StringInput
	// Ready is what must stand before its first pod does.
	Ready []pulumi.Resource
}

// hostForm is a host name in lower case.
var hostForm = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$`)

// groupForm leaves out what ends a field or a line of the table of who may do what
// (https://argo-cd.readthedocs.io/en/stable/operator-manual/rbac/).
var groupForm = regexp.MustCompile(`^[^"\\\s][^"\\\n\r]*$`)

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	fault := func(path string, value any, allowed string, args ...any) {
		faults = append(faults, fmt.Errorf("%s: value %q: %s", path, fmt.Sprint(value), fmt.Sprintf(allowed, args...)))
	}
	if !naming.IsKebab(a.Environment) {
		fault("environment", a.Environment, naming.Kebab)
	}
	if !naming.IsKebab(a.Folder) {
		fault("folder", a.Folder, naming.Kebab)
	}
	if !hostForm.MatchString(a.Host) {
		fault("host", a.Host, "a host name in lower case is allowed")
	}
	if a.Replicas < 1 {
		fault("replicas", a.Replicas, "at least 1 is allowed")
	}
	if !strings.HasPrefix(a.SSO.Issuer, "https://") {
		fault("sso.issuer", a.SSO.Issuer, "an https URL is allowed")
	}
	if a.SSO.ClientID == "" {
		fault("sso.clientID", a.SSO.ClientID, "a value is needed")
	}
	if len(a.SSO.Scopes) == 0 {
		fault("sso.scopes", a.SSO.Scopes, "at least one is needed")
	}
	if !strings.HasPrefix(a.Git.URL, "https://") || !strings.HasSuffix(a.Git.URL, "/") {
		fault("git.url", a.Git.URL, "an https URL that ends in a slash is allowed: a token for it is one for all that begin with it")
	}
	if a.Git.Username == "" {
		fault("git.username", a.Git.Username, "a value is needed")
	}
	for path, s := range map[string]bridge.Source{"sso.secret": a.SSO.Secret, "git.secret": a.Git.Secret} {
		if len(s.Store) != 1 || s.Key == nil {
			faults = append(faults, fmt.Errorf("%s: a store and what is asked for there are needed", path))
		}
	}
	groups := func(path string, all []string) {
		for i, group := range all {
			if !groupForm.MatchString(group) {
				fault(fmt.Sprintf("%s[%d]", path, i), group, "one line without quotes is allowed")
			}
		}
	}
	groups("operators", a.Operators)
	repositories := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(a.Teams)) {
		team, at := a.Teams[name], "teams."+name
		if !naming.IsKebab(name) || name == anyProject {
			fault("teams", name, "%s, but not %s", naming.Kebab, anyProject)
		}
		groups(at+".groups", team.Groups)
		if !strings.HasPrefix(team.Repository, a.Git.URL) || strings.ContainsAny(team.Repository, "*?[] ") {
			fault(at+".repository", team.Repository, "a repository below %s, named in full, is allowed", a.Git.URL)
		} else if other, taken := repositories[team.Repository]; taken {
			fault(at+".repository", team.Repository, "a repository is of one team, and this one is of %s", other)
		}
		repositories[team.Repository] = name
	}
	for _, name := range slices.Sorted(maps.Keys(a.Services)) {
		service, at := a.Services[name], "services."+name
		if !naming.IsKebab(name) {
			fault("services", name, naming.Kebab)
		}
		if _, known := a.Teams[service.Team]; !known {
			fault(at+".team", service.Team, "there is no such team: allowed are %v", slices.Sorted(maps.Keys(a.Teams)))
		}
		if service.Namespace == nil {
			faults = append(faults, fmt.Errorf("%s.namespace: none is given: a value is needed", at))
		}
	}
	if len(a.After) == 0 {
		faults = append(faults, errors.New("after: none is given: stores are defined by the release of their controller, which must be there first"))
	}
	faults = append(faults, a.flows().Validate())
	for _, key := range a.Tags.Missing() {
		fault("tags."+key, a.Tags[key], "a value is needed")
	}
	return errors.Join(faults...)
}
