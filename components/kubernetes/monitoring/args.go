package monitoring

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
	"platform/components/kubernetes/monitoring/watch"
	"platform/components/kubernetes/workload"
	"platform/components/limit"
	"platform/components/naming"
	"platform/components/tags"
)

// The namespaces: what needs a part of the node has one of its own. Account is as whom the platform's own secrets are
// fetched there.
const (
	Namespace = workload.Observability
	Nodes     = workload.ObservabilityNodes
	Account   = "secrets"
)

// Args configures what watches an environment.
type Args struct {
	Kind        watch.Kind
	Environment string
	Cloud       string
	Host        string // under which people see the pages
	Replicas    int    // of Prometheus and of Alertmanager
	// RetentionDays and StorageGiB bound what each Prometheus keeps, whichever is reached first; MemoryMiB is what it may use.
	RetentionDays, StorageGiB, MemoryMiB int
	// StorageClass is the encrypted one of the cluster.
	StorageClass string
	SSO          SSO
	// Operators are the groups, as tokens name them, who may change what Grafana shows; Viewers see it.
	Operators, Viewers []string
	// Priority is the class of what watches.
	Priority string
	Mesh     workload.MeshKind
	// TrustDomain begins every identity of the mesh, where there is one.
	TrustDomain string
	// Collected is what takes and keeps traces and logs beside what watches; nil where nobody does.
	Collected *Collected
	// Targets are who is asked how they fare, by the name of the job; Senders are services, which tell of themselves at
	// workload.TelemetryPorts where anybody takes it.
	Targets map[string]workload.Target
	Senders []string
	// Annotations of the account as which the platform's own secrets are fetched.
	Annotations pulumi.StringMap
	// Around is what is around it, with the way to who says who somebody is.
	Around flows.Around
	// After is what must be there before the charts, which wait for their pods to run: nodes, storage, the priority, the mesh, and
	// what defines stores of secrets.
	After []pulumi.Resource
	Tags  tags.Set
}

// Collected is what takes and keeps traces and logs, as part of the two namespaces.
type Collected struct {
	Logs, Traces string // URLs at which Grafana asks for them
	Together     []int  // the ports at which its pods and those who watch talk to each other
	Sent         int    // the port at which what is on each node sends what it reads
	Told         int    // the port at which that tells how it fares
}

// SSO is who says who somebody is. Grafana asks three addresses of the issuer, and finds none of them by itself
// (https://grafana.com/docs/grafana/latest/setup-grafana/configure-access/configure-authentication/generic-oauth/).
type SSO struct {
	ClientID                           string
	AuthorizeURL, TokenURL, ProfileURL string
	Scopes                             []string
	Secret                             bridge.Source // the client's secret
}

// hostForm is a host name in lower case.
var hostForm = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$`)

// groupForm leaves out what ends a text in the language by which roles are chosen (https://jmespath.org/specification.html#raw-string-literals),
// or a list of groups.
var groupForm = regexp.MustCompile(`^[^"'\\\s,][^"'\\\n\r,]*$`)

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	fault := func(path string, value any, allowed string) {
		faults = append(faults, fmt.Errorf("%s: value %q: %s", path, fmt.Sprint(value), allowed))
	}
	if a.Kind != watch.Prometheus {
		fault("kind", a.Kind, fmt.Sprintf("%q is allowed: there is nothing to build for another", watch.Prometheus))
	}
	if !naming.IsKebab(a.Environment) {
		fault("environment", a.Environment, naming.Kebab)
	}
	if !hostForm.MatchString(a.Host) {
		fault("host", a.Host, "a host name in lower case is allowed")
	}
	for _, number := range []struct {
		path  string
		value int
		is    limit.Range
	}{
		{"replicas", a.Replicas, watch.Replicas}, {"retentionDays", a.RetentionDays, watch.RetentionDays},
		{"storageGiB", a.StorageGiB, watch.StorageGiB}, {"memoryMiB", a.MemoryMiB, watch.MemoryMiB},
	} {
		if err := number.is.Fault(number.path, number.value); err != nil {
			faults = append(faults, err)
		}
	}
	for path, value := range map[string]string{"cloud": a.Cloud, "storageClass": a.StorageClass, "priority": a.Priority, "sso.clientID": a.SSO.ClientID} {
		if value == "" {
			fault(path, value, "a value is needed")
		}
	}
	for path, url := range map[string]string{
		"sso.authorizeURL": a.SSO.AuthorizeURL, "sso.tokenURL": a.SSO.TokenURL, "sso.profileURL": a.SSO.ProfileURL,
	} {
		if !strings.HasPrefix(url, "https://") {
			fault(path, url, "an https URL is allowed")
		}
	}
	if len(a.SSO.Scopes) == 0 {
		fault("sso.scopes", a.SSO.Scopes, "at least one is needed")
	}
	if len(a.SSO.Secret.Store) != 1 || a.SSO.Secret.Key == nil {
		faults = append(faults, errors.New("sso.secret: a store and what is asked for there are needed"))
	}
	for path, groups := range map[string][]string{"operators": a.Operators, "viewers": a.Viewers} {
		for i, group := range groups {
			if !groupForm.MatchString(group) {
				fault(fmt.Sprintf("%s[%d]", path, i), group, "one line without quotes and commas is allowed")
			}
		}
	}
	if len(a.Viewers) == 0 {
		fault("viewers", a.Viewers, "at least one group is needed: everybody of the issuer would be let in")
	}
	if !slices.Contains(workload.MeshKinds, a.Mesh) {
		fault("mesh", a.Mesh, fmt.Sprintf("one of %v is allowed", workload.MeshKinds))
	}
	faults = append(faults, a.Collected.faults()...)
	faults = append(faults, a.targetFaults()...)
	faults = append(faults, a.flows().Validate())
	for _, key := range a.Tags.Missing() {
		fault("tags."+key, a.Tags[key], "a value is needed")
	}
	return errors.Join(faults...)
}

func (c *Collected) faults() []error {
	var faults []error
	if c == nil {
		return nil
	}
	for _, url := range []struct{ path, value string }{{"logs", c.Logs}, {"traces", c.Traces}} {
		if !strings.HasPrefix(url.value, "http://") && !strings.HasPrefix(url.value, "https://") {
			faults = append(faults, fmt.Errorf("collected.%s: value %q: a URL is allowed", url.path, url.value))
		}
	}
	for _, port := range append([]int{c.Sent, c.Told}, c.Together...) {
		if port < 1 || port > 65535 {
			faults = append(faults, fmt.Errorf("collected: port %d: 1 to 65535 is allowed", port))
		}
	}
	return faults
}

func (a Args) targetFaults() []error {
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(a.Targets)) {
		target, at := a.Targets[name], "targets."+name
		for path, value := range map[string]string{at: name, at + ".namespace": target.Namespace} {
			if !naming.IsKebab(value) {
				faults = append(faults, fmt.Errorf("%s: value %q: %s", path, value, naming.Kebab))
			}
		}
		if target.Port < 1 || target.Port > 65535 {
			faults = append(faults, fmt.Errorf("%s.port: value %d: 1 to 65535 is allowed", at, target.Port))
		}
		if target.Path != "" && !strings.HasPrefix(target.Path, "/") {
			faults = append(faults, fmt.Errorf("%s.path: value %q: a path from the root is allowed", at, target.Path))
		}
	}
	return faults
}
