// Package kubernetes is the simulated API of the clusters in the simulated clouds. Objects are checked
// against the real API schemas; a cluster that is gone cannot be reached.
package kubernetes

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"sigs.k8s.io/kubectl-validate/pkg/openapiclient"
	"sigs.k8s.io/kubectl-validate/pkg/validator"

	"platform/tests/cloud"
)

// Release is the provider's version whose behaviour this follows.
const Release = "4.30.0"

// schemas is the newest version of which the library holds the schemas.
const schemas = "1.30"

// clusterType is what a kubeconfig may lead to.
const clusterType = "aws:eks/cluster:Cluster"

// Package answers for all clusters; which one, the kubeconfig says.
type Package struct {
	mu     sync.Mutex // the validator keeps what it has parsed, without a lock
	schema *validator.Validator
}

// New reads the schemas' index.
func New() (*Package, error) {
	v, err := validator.New(openapiclient.NewHardcodedBuiltins(schemas))
	if err != nil {
		return nil, fmt.Errorf("schemas of Kubernetes %s: %w", schemas, err)
	}
	return &Package{schema: v}, nil
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
	if err := json.Unmarshal([]byte(text), &config); err != nil || len(config.Clusters) == 0 {
		return c, cloud.Refuse("InvalidKubeconfig", "the kubeconfig names no cluster")
	}
	if o := t.Lookup([]string{clusterType}, []string{"endpoint"}, config.Clusters[0].Cluster.Server); o != nil {
		c.Cluster, c.Account, c.Region = o.ID, o.Account, o.Region
	}
	return c, nil
}

// Reach says whether the cluster answers; objects of one that is gone may be forgotten if the provider
// was told so.
func (p *Package) Reach(t *cloud.Tx, c cloud.Config) (bool, error) {
	if c.Cluster != "" && t.Get(clusterType, c.Cluster) != nil {
		return false, nil
	}
	if v := c.Values["deleteUnreachable"]; v == true || v == "true" {
		return true, nil
	}
	return false, cloud.Refuse("Unreachable", "configured Kubernetes cluster is unreachable: set deleteUnreachable to forget what was in it")
}

// version is the API version and kind that a token stands for.
func version(token string) (apiVersion, kind string) {
	_, rest, _ := strings.Cut(token, ":")
	apiVersion, kind, _ = strings.Cut(rest, ":")
	return strings.TrimPrefix(apiVersion, "core/"), kind
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
		return nil, checkRelease(r.New)
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
	if metadata["namespace"] == nil && !slices.Contains(unscoped, kind) {
		metadata["namespace"] = "default"
	}
	set := map[string]any{"apiVersion": apiVersion, "kind": kind, "metadata": metadata}
	object := maps.Clone(r.New)
	maps.Copy(object, set)
	return set, p.validate(object)
}

func (p *Package) validate(object map[string]any) []cloud.Failure {
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

// Create makes an object in its namespace.
func (p *Package) Create(t *cloud.Tx, c cloud.Config, typ, urn string, inputs map[string]any) (*cloud.Object, error) {
	if _, err := p.Reach(t, cloud.Config{Cluster: c.Cluster}); err != nil {
		return nil, err
	}
	name, namespace := place(typ, inputs)
	if namespace != "" && !p.hasNamespace(t, c, namespace) {
		return nil, cloud.Refuse("NotFound", "namespaces %q not found", namespace)
	}
	public := name
	if namespace != "" {
		public = namespace + "/" + name
	}
	if t.Get(typ, c.Cluster+"/"+public) != nil {
		return nil, cloud.Refuse("AlreadyExists", "%s %q already exists", typ, public)
	}
	uid := t.Random(32)
	o := t.Mint(cloud.Object{
		Type: typ, ID: c.Cluster + "/" + public, Public: public, URN: urn, Account: c.Account, Region: c.Region,
		Inputs: inputs, Outputs: outputs(inputs, uid), Owner: cloud.Key{Type: clusterType, ID: c.Cluster},
		Random: []string{uid}, Props: map[string]any{"namespace": namespace, "uid": uid},
	})
	if typ == releaseType {
		mintRelease(t, o)
	}
	return o, nil
}

// place is where an object is: its name and its namespace, if its kind has one.
func place(typ string, inputs map[string]any) (name, namespace string) {
	if typ == releaseType {
		name, _ = inputs["name"].(string)
		namespace, _ = inputs["namespace"].(string)
		return name, namespace
	}
	metadata, _ := inputs["metadata"].(map[string]any)
	name, _ = metadata["name"].(string)
	if _, kind := version(typ); !slices.Contains(unscoped, kind) {
		namespace, _ = metadata["namespace"].(string)
	}
	return name, namespace
}

// builtin are the namespaces of every cluster
// (https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces).
var builtin = []string{"default", "kube-node-lease", "kube-public", "kube-system"}

const namespaceType = "kubernetes:core/v1:Namespace"

func (p *Package) hasNamespace(t *cloud.Tx, c cloud.Config, name string) bool {
	return slices.Contains(builtin, name) || t.Get(namespaceType, c.Cluster+"/"+name) != nil
}

func outputs(inputs map[string]any, uid string) map[string]any {
	out := maps.Clone(inputs)
	metadata, ok := inputs["metadata"].(map[string]any)
	if !ok {
		return out
	}
	metadata = maps.Clone(metadata)
	metadata["uid"], out["metadata"] = uid, metadata
	return out
}

// Update changes an object.
func (p *Package) Update(t *cloud.Tx, c cloud.Config, o *cloud.Object, inputs map[string]any) error {
	if _, err := p.Reach(t, cloud.Config{Cluster: c.Cluster}); err != nil {
		return err
	}
	o.Inputs, o.Outputs = inputs, outputs(inputs, o.Str("uid"))
	return nil
}

// Delete removes an object, and with a namespace all that is in it.
func (p *Package) Delete(t *cloud.Tx, c cloud.Config, o *cloud.Object) error {
	if o.Type == namespaceType {
		for _, inside := range t.Owned(cloud.Key{Type: clusterType, ID: c.Cluster}) {
			if inside.Props["namespace"] == o.PublicID() {
				p.remove(t, inside)
			}
		}
	}
	p.remove(t, o)
	return nil
}

func (p *Package) remove(t *cloud.Tx, o *cloud.Object) {
	for _, owned := range t.Owned(o.Key()) {
		t.Remove(owned.Key())
	}
	t.Remove(o.Key())
}

// Key is the type, and the id within the cluster.
func (p *Package) Key(c cloud.Config, typ, id string) cloud.Key {
	return cloud.Key{Type: typ, ID: c.Cluster + "/" + id}
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
