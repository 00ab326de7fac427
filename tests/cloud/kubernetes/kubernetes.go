// Package kubernetes is the simulated API of the clusters in the simulated clouds. Objects are checked
// against the real API schemas, controllers do what real ones do, with the cloud's help (see the package
// controller), and a cluster that is gone cannot be reached.
package kubernetes

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"gopkg.in/yaml.v3"
	"sigs.k8s.io/kubectl-validate/pkg/openapiclient"
	"sigs.k8s.io/kubectl-validate/pkg/validator"

	"platform/tests/charts"
	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// Release is the provider's version whose behaviour this follows.
const Release = "4.30.0"

// schemas is the newest version of which the library holds the schemas.
const schemas = "1.30"

// Package answers for all clusters; which one, the kubeconfig says.
type Package struct {
	// Repositories are what Argo CD can read from Git, by their address.
	Repositories map[string]fs.FS

	clouds []controller.Cloud
	charts map[string]chart

	mu      sync.Mutex // the validator keeps what it has parsed, without a lock
	schema  *validator.Validator
	builtin map[string]bool // the groups that need no definition
}

// New reads the schemas' index; the clouds are those in which clusters can be.
func New(clouds ...controller.Cloud) (*Package, error) {
	client := openapiclient.NewHardcodedBuiltins(schemas)
	v, err := validator.New(client)
	if err != nil {
		return nil, fmt.Errorf("schemas of Kubernetes %s: %w", schemas, err)
	}
	paths, err := client.Paths()
	if err != nil {
		return nil, fmt.Errorf("schemas of Kubernetes %s: %w", schemas, err)
	}
	p := &Package{clouds: clouds, schema: v, builtin: map[string]bool{}}
	for path := range paths { // as apis/<group>/<version>
		if group, ok := strings.CutPrefix(path, "apis/"); ok {
			p.builtin[group[:strings.LastIndex(group, "/")]] = true
		}
	}
	if p.charts, err = readCharts(clouds); err != nil {
		return nil, err
	}
	return p, nil
}

// Name is the package's name.
func (p *Package) Name() string { return "kubernetes" }

// Version is the provider's version.
func (p *Package) Version() string { return Release }

// settings are the provider's own properties that the program may set
// (https://www.pulumi.com/registry/packages/kubernetes/api-docs/provider/).
var settings = []string{"deleteUnreachable", "enableServerSideApply", "kubeconfig", "version"}

// CheckConfig refuses what the provider does not know.
func (p *Package) CheckConfig(inputs map[string]any) []cloud.Failure {
	var out []cloud.Failure
	for _, name := range slices.Sorted(maps.Keys(inputs)) {
		if !slices.Contains(settings, name) && !strings.HasPrefix(name, "__") {
			out = append(out, cloud.Failure{Path: name, Reason: "unknown property of the provider: allowed are " + strings.Join(settings, ", ")})
		}
	}
	return out
}

// DiffConfig never replaces: a kubeconfig changes with a certificate, and the cluster stays.
func (p *Package) DiffConfig(_, _ map[string]any) []string { return nil }

// Configure finds the cluster that the kubeconfig leads to. One that leads nowhere is not refused
// here but at the first call, as by the provider.
func (p *Package) Configure(t *cloud.Tx, inputs map[string]any) (cloud.Config, error) {
	c := cloud.Config{Values: inputs}
	text, _ := inputs["kubeconfig"].(string)
	var config struct {
		Clusters []struct{ Cluster struct{ Server string } }
	}
	if err := yaml.Unmarshal([]byte(text), &config); err != nil || len(config.Clusters) == 0 {
		return c, cloud.Refuse("InvalidKubeconfig", "the kubeconfig names no cluster")
	}
	for _, by := range p.clouds {
		if o := by.Cluster(t, config.Clusters[0].Cluster.Server); o != nil {
			c.Cluster, c.Account, c.Region = o.Key(), o.Account, o.Region
		}
	}
	return c, nil
}

// Reach says whether the cluster answers; objects of one that does not may be forgotten if the provider
// was told so (https://www.pulumi.com/registry/packages/kubernetes/api-docs/provider/#deleteunreachable_go).
func (p *Package) Reach(t *cloud.Tx, c cloud.Config) (bool, error) {
	if answers(t, c) {
		return false, nil
	}
	if v := c.Values["deleteUnreachable"]; v == true || v == "true" {
		return true, nil
	}
	return false, unreachable()
}

// answers says whether there is an API server at the other end.
func answers(t *cloud.Tx, c cloud.Config) bool {
	if c.Cluster == (cloud.Key{}) {
		return false
	}
	o := t.Get(c.Cluster.Type, c.Cluster.ID)
	return o != nil && !o.Bool(controller.Silent)
}

func unreachable() error {
	return cloud.Refuse("Unreachable", "configured Kubernetes cluster is unreachable: set deleteUnreachable to forget what was in it")
}

// version is the API version and kind that a token stands for.
func version(token string) (apiVersion, kind string) {
	_, rest, _ := strings.Cut(token, ":")
	apiVersion, kind, _ = strings.Cut(rest, ":")
	return strings.TrimPrefix(apiVersion, "core/"), kind
}

// Source is where the rules of a type come from: a chart's values, or the reference of the API whose schema
// judges the kind. It is empty for what no rule knows.
func (p *Package) Source(token string, inputs map[string]any) string {
	if token == releaseType {
		name, _ := chartOf(inputs)
		if source, err := charts.Open(name); err == nil && source != nil {
			return source.Repository
		}
		return p.charts[name].Source
	}
	apiVersion, kind := version(token)
	group, number, grouped := strings.Cut(apiVersion, "/")
	if !grouped {
		group, number = "core", apiVersion
	} else if !p.builtin[group] {
		return ""
	}
	return fmt.Sprintf("https://kubernetes.io/docs/reference/generated/kubernetes-api/v%s/#%s-%s-%s",
		schemas, strings.ToLower(kind), number, strings.ReplaceAll(group, ".", "-"))
}

// unscoped are the kinds that are in no namespace
// (https://kubernetes.io/docs/reference/kubernetes-api/).
var unscoped = []string{
	"ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "IngressClass", "Namespace", "PersistentVolume",
	"PriorityClass", "StorageClass", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration",
}

// Check completes an object and validates it.
func (p *Package) Check(_ cloud.Config, r cloud.CheckRequest) (map[string]any, []cloud.Failure) {
	if r.Type == releaseType {
		return nil, p.checkRelease(r.New)
	}
	apiVersion, kind := version(r.Type)
	metadata := map[string]any{}
	given, _ := r.New["metadata"].(map[string]any)
	maps.Copy(metadata, given)
	if metadata["name"] == nil {
		old, _ := r.Old["metadata"].(map[string]any)
		if name, _ := old["name"].(string); autoNamed(name, r.Name) {
			metadata["name"] = name
		} else {
			metadata["name"] = fmt.Sprintf("%s-%x", r.Name, sum(r.Seed))
		}
	}
	custom := p.custom(apiVersion)
	if metadata["namespace"] == nil && !custom && !slices.Contains(unscoped, kind) {
		metadata["namespace"] = "default"
	}
	set := map[string]any{"apiVersion": apiVersion, "kind": kind, "metadata": metadata}
	if custom {
		return set, nil // only the cluster knows its definition
	}
	object := maps.Clone(r.New)
	maps.Copy(object, set)
	if r.Type == definitionType {
		return set, checkDefinition(object)
	}
	return set, p.validate(object)
}

// anyName stands for the name of an object whose kind may bear any that fits into a path: the library wants all names
// to be such as hosts have.
const anyName = "x"

// freelyNamed are the objects of access control, to whose names no rule applies but that of a path
// (https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#path-segment-names).
func freelyNamed(object map[string]any) (map[string]any, []cloud.Failure) {
	apiVersion, _ := object["apiVersion"].(string)
	name, given := dig(object, "metadata", "name").(string)
	if !strings.HasPrefix(apiVersion, "rbac.authorization.k8s.io/") || !given {
		return object, nil
	}
	if name == "." || name == ".." || strings.ContainsAny(name, "/%") {
		return object, []cloud.Failure{{Path: "metadata.name", Reason: fmt.Sprintf("%q: may not be '.' or '..', nor contain '/' or '%%'", name)}}
	}
	metadata, _ := object["metadata"].(map[string]any)
	metadata, object = maps.Clone(metadata), maps.Clone(object)
	metadata["name"], object["metadata"] = anyName, metadata
	return object, nil
}

func (p *Package) validate(object map[string]any) []cloud.Failure {
	object, faults := freelyNamed(object)
	if len(faults) > 0 {
		return faults
	}
	known, whole := withoutUnknown(object)
	raw, err := json.Marshal(known)
	if err != nil {
		return []cloud.Failure{{Reason: err.Error()}}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_, parsed, err := p.schema.Parse(raw)
	if err != nil {
		return []cloud.Failure{{Reason: err.Error()}}
	}
	if !whole {
		return nil // what is missing now may be there when all is known
	}
	if err := p.schema.Validate(parsed); err != nil {
		return []cloud.Failure{{Reason: err.Error()}}
	}
	return nil
}

// withoutUnknown leaves out what a preview does not know, and says whether it had to.
func withoutUnknown(v any) (any, bool) {
	switch v := v.(type) {
	case cloud.Unknown:
		return nil, false
	case map[string]any:
		out, whole := map[string]any{}, true
		for k, e := range v {
			x, ok := withoutUnknown(e)
			whole = whole && ok
			if x != nil && !strings.HasPrefix(k, "__") {
				out[k] = x
			}
		}
		return out, whole
	case []any:
		out, whole := make([]any, 0, len(v)), true
		for _, e := range v {
			x, ok := withoutUnknown(e)
			whole = whole && ok
			if x != nil {
				out = append(out, x)
			}
		}
		return out, whole
	}
	return v, true
}

var suffix = regexp.MustCompile(`-[0-9a-f]{8}$`)

func autoNamed(name, resource string) bool {
	return strings.HasPrefix(name, resource+"-") && len(name) == len(resource)+9 && suffix.MatchString(name)
}

// Diff says what changes, and what can only be replaced.
func (p *Package) Diff(r cloud.DiffRequest) (cloud.DiffResult, error) {
	_, kind := version(r.Type)
	return cloud.DiffResult{Changes: fixed(r.Type, kind).Diff(r.Old, r.New), DeleteBeforeReplace: true}, nil
}

// Preview echoes what is known.
func (p *Package) Preview(_ cloud.Config, _ string, inputs map[string]any, old *cloud.Prior) (map[string]any, error) {
	out := maps.Clone(inputs)
	if old == nil {
		out["status"] = cloud.Unknown{}
		return out, nil
	}
	out["status"] = old.Outputs["status"]
	return out, nil
}

// Key is the type, and the id within the cluster.
func (p *Package) Key(c cloud.Config, typ, id string) cloud.Key {
	return cloud.Key{Type: typ, ID: c.Cluster.ID + "/" + id}
}

// Secrets are the contents of a Secret.
func (p *Package) Secrets(typ string) []string {
	if typ == "kubernetes:core/v1:Secret" {
		return []string{"data", "stringData"}
	}
	return nil
}

// Duration is short but for a chart, whose pods must become ready.
func (p *Package) Duration(typ, _ string) time.Duration {
	if typ == releaseType {
		return 40 * time.Second
	}
	return time.Second
}

// Invoke answers nothing: the program asks a cluster nothing.
func (p *Package) Invoke(_ *cloud.Tx, _ cloud.Config, token string, _ map[string]any) (map[string]any, error) {
	return nil, fmt.Errorf("the simulated cluster does not answer %s: add it in tests/cloud/kubernetes", token)
}

var _ cloud.Package = (*Package)(nil)
