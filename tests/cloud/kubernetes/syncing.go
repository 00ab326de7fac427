package kubernetes

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/yaml"
	sigs "sigs.k8s.io/yaml"

	"platform/tests/cloud"
)

// application is what is simulated of one (https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/).
type application struct {
	Project string `json:"project"`
	Source  struct {
		RepoURL        string `json:"repoURL"`
		Path           string `json:"path"`
		TargetRevision string `json:"targetRevision"`
	} `json:"source"`
	Destination struct {
		Server    string `json:"server"`
		Namespace string `json:"namespace"`
	} `json:"destination"`
	SyncPolicy struct {
		Automated *struct {
			Prune    bool `json:"prune"`
			SelfHeal bool `json:"selfHeal"`
		} `json:"automated"`
		SyncOptions []string       `json:"syncOptions"`
		Retry       map[string]any `json:"retry"`
	} `json:"syncPolicy"`
	IgnoreDifferences []struct {
		Group        string   `json:"group"`
		Kind         string   `json:"kind"`
		JSONPointers []string `json:"jsonPointers"`
	} `json:"ignoreDifferences"`
}

// syncOptions are those that are known, and on which nothing here depends but the second: namespaces are there, and each object
// is applied in whole (https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/).
var syncOptions = []string{"CreateNamespace=false", "FailOnSharedResource=true", "RespectIgnoreDifferences=true", "ServerSideApply=true"}

const (
	inCluster = "https://kubernetes.default.svc"
	newest    = "HEAD"
	replicas  = "/spec/replicas"
)

// sync brings what an application's folder in Git holds, or says why it does not. Where nothing is automated a person must
// say so, and until then only the difference is told (https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/).
func (w *world) sync(release, o *cloud.Object) (reason string, err error) {
	var a application
	if err := strictly(o.Inputs["spec"], &a, "syncing.go"); err != nil {
		return "", err
	}
	for _, option := range a.SyncPolicy.SyncOptions {
		if !slices.Contains(syncOptions, option) {
			return "", fmt.Errorf("the option %s is not simulated: add it in tests/cloud/kubernetes/syncing.go", option)
		}
	}
	s := &syncing{world: w, app: o, spec: a, by: accountOf(w, release)}
	if reason, err := s.permitted(); reason != "" || err != nil {
		return reason, err
	}
	wanted, reason, err := s.manifests()
	if reason != "" || err != nil {
		return "ComparisonError: " + reason, err
	}
	differs := s.differs(wanted)
	automated := a.SyncPolicy.Automated
	switch {
	case o.Inputs["operation"] != nil:
		delete(o.Inputs, "operation")
	case automated != nil && (automated.SelfHeal || o.Props["sync"] == nil):
	default:
		o.Props["sync"] = map[bool]string{true: "OutOfSync", false: "Synced"}[differs]
		return "", nil
	}
	if differs {
		if reason, err := s.apply(wanted); reason != "" || err != nil {
			return reason, err
		}
	}
	o.Props["sync"] = "Synced"
	return "", nil
}

// syncing is one comparison of an application with the cluster, and what follows from it.
type syncing struct {
	*world
	app     *cloud.Object
	spec    application
	by      account // as whom Argo CD writes
	project *cloud.Object
}

// permitted is what Argo CD checks of an application itself
// (https://github.com/argoproj/argo-cd/blob/v3.5.2/util/argo/argo.go, ValidatePermissions).
func (s *syncing) permitted() (reason string, err error) {
	k := s.key(projectType, s.app.Str("namespace"), s.spec.Project)
	if s.project = s.t.Get(k.Type, k.ID); s.project == nil {
		return fmt.Sprintf("InvalidSpecError: Application referencing project %s which does not exist", s.spec.Project), nil
	}
	var faults []string
	if !slices.ContainsFunc(s.project.List("spec.sourceRepos"), func(p string) bool { return like(p, s.spec.Source.RepoURL) }) {
		faults = append(faults, fmt.Sprintf("InvalidSpecError: application repo %s is not permitted in project '%s'", s.spec.Source.RepoURL, s.spec.Project))
	}
	if s.spec.Destination.Server != inCluster {
		return "", fmt.Errorf("clusters other than %s are not simulated: add them in tests/cloud/kubernetes/syncing.go", inCluster)
	}
	if !s.reaches(s.spec.Destination.Namespace) {
		faults = append(faults, fmt.Sprintf("InvalidSpecError: application destination server '%s' and namespace '%s' do not match any of the allowed destinations in project '%s'",
			s.spec.Destination.Server, s.spec.Destination.Namespace, s.spec.Project))
	}
	return strings.Join(faults, "; "), nil
}

// like compares with a pattern (https://argo-cd.readthedocs.io/en/stable/user-guide/projects/).
func like(pattern, value string) bool {
	ok, err := path.Match(strings.ReplaceAll(pattern, "/", "\x00"), strings.ReplaceAll(value, "/", "\x00"))
	return err == nil && ok
}

func (s *syncing) reaches(namespace string) bool {
	return slices.ContainsFunc(list(s.project.Value("spec.destinations")), func(d map[string]any) bool {
		return like(text(d["server"]), s.spec.Destination.Server) && like(text(d["namespace"]), namespace)
	})
}

// lets says whether the project lets a kind through: one of the cluster must be listed, one of a namespace if there is a list, and
// neither may be on a list of what is refused
// (https://github.com/argoproj/argo-cd/blob/v3.5.2/pkg/apis/application/v1alpha1/app_project_types.go, IsGroupKindNamePermitted).
func (s *syncing) lets(group, kind string) bool {
	listed := func(name string) (there, on bool) {
		all := list(s.project.Value("spec." + name))
		return len(all) > 0, slices.ContainsFunc(all, func(e map[string]any) bool { return like(text(e["group"]), group) && like(text(e["kind"]), kind) })
	}
	scope, needed := "namespaceResource", false
	if slices.Contains(unscoped, kind) {
		scope, needed = "clusterResource", true
	}
	given, white := listed(scope + "Whitelist")
	_, black := listed(scope + "Blacklist")
	return (white || !given && !needed) && !black
}

// manifests are those of the application's folder, as a folder of plain files is read
// (https://argo-cd.readthedocs.io/en/stable/user-guide/directory/).
func (s *syncing) manifests() (out []map[string]any, reason string, err error) {
	from := s.spec.Source
	repository, known := s.p.Repositories[from.RepoURL]
	if !known {
		return nil, fmt.Sprintf("failed to list refs: repository not found: %s", from.RepoURL), nil
	}
	if !s.credentials(from.RepoURL) {
		return nil, fmt.Sprintf("failed to list refs: authentication required: %s", from.RepoURL), nil
	}
	if from.TargetRevision != newest {
		return nil, fmt.Sprintf("unable to resolve '%s' to a commit SHA", from.TargetRevision), nil
	}
	files, err := fs.ReadDir(repository, from.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, from.Path + ": app path does not exist", nil
	}
	if err != nil {
		return nil, "", err
	}
	for _, file := range files {
		if slices.Contains([]string{"kustomization.yaml", "kustomization.yml", "Kustomization", "Chart.yaml"}, file.Name()) {
			return nil, "", fmt.Errorf("%s: other folders than those of plain files are not simulated: add them in tests/cloud/kubernetes/syncing.go", file.Name())
		}
		if !slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(file.Name())) {
			continue
		}
		raw, err := fs.ReadFile(repository, path.Join(from.Path, file.Name()))
		if err != nil {
			return nil, "", err
		}
		objects, err := documents(raw)
		if err != nil {
			return nil, fmt.Sprintf("Failed to unmarshal %q: %v", file.Name(), err), nil
		}
		out = append(out, objects...)
	}
	slices.SortStableFunc(out, func(a, b map[string]any) int { return rank(a) - rank(b) })
	return out, "", nil
}

func rank(manifest map[string]any) int {
	if i := slices.Index(delivered, tokenOf(manifest)); i >= 0 {
		return i
	}
	return len(delivered)
}

// documents are the objects of a file of several.
func documents(raw []byte) ([]map[string]any, error) {
	var out []map[string]any
	for reader := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(raw))); ; {
		each, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		one := map[string]any{}
		if err := sigs.UnmarshalStrict(each, &one); err != nil {
			return nil, err
		}
		if len(one) > 0 {
			out = append(out, one)
		}
	}
}

// credentials says whether Argo CD has some for a repository: a Secret of its namespace that bears its label and the beginning of
// the repository's address (https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/#repository-credentials).
func (s *syncing) credentials(url string) bool {
	for _, o := range s.listIn(s.app.Str("namespace"), secretType) {
		kind := texts(dig(o.Inputs, "metadata", "labels"))["argocd.argoproj.io/secret-type"]
		values, _ := namespaced{find: func(string, string) *cloud.Object { return o }}.holder(secretType, "")
		if of := values["url"]; of != "" && values["password"] != "" && (kind == "repo-creds" && strings.HasPrefix(url, of) || kind == "repository" && url == of) {
			return true
		}
	}
	return false
}

// at is where a manifest goes.
func (s *syncing) at(manifest map[string]any) (k cloud.Key, namespace string) {
	if !slices.Contains(unscoped, text(manifest["kind"])) {
		if namespace = text(dig(manifest, "metadata", "namespace")); namespace == "" {
			namespace = s.spec.Destination.Namespace
		}
	}
	return s.key(tokenOf(manifest), namespace, text(dig(manifest, "metadata", "name"))), namespace
}

// object is a manifest as it is applied: in its namespace, and marked as the application's.
func (s *syncing) object(manifest map[string]any) map[string]any {
	_, namespace := s.at(manifest)
	out := withNamespace(manifest, namespace)
	metadata, _ := out["metadata"].(map[string]any)
	annotations := map[string]any{}
	given, _ := metadata["annotations"].(map[string]any)
	maps.Copy(annotations, given)
	annotations[trackedBy] = trackingID(nameOf(s.app), manifest, namespace)
	metadata["annotations"] = annotations
	return out
}

// ignored says whether what a scaler says of a kind is not compared.
func (s *syncing) ignored(typ string) bool {
	for _, i := range s.spec.IgnoreDifferences {
		if slices.Contains(i.JSONPointers, replicas) && tokenOf(map[string]any{"apiVersion": i.Group + "/v1", "kind": i.Kind}) == typ {
			return true
		}
	}
	return false
}

// want is a manifest as it is applied over what is there.
func (s *syncing) want(manifest map[string]any, there *cloud.Object) map[string]any {
	out := s.object(manifest)
	if there == nil || !s.ignored(there.Type) {
		return out
	}
	now, given := dig(there.Inputs, "spec", "replicas").(float64)
	spec, _ := out["spec"].(map[string]any)
	if given && spec != nil {
		spec = maps.Clone(spec)
		spec["replicas"], out["spec"] = now, spec
	}
	return out
}

// differs says whether the cluster is not what Git says.
func (s *syncing) differs(wanted []map[string]any) bool {
	keys := map[cloud.Key]bool{}
	for _, manifest := range wanted {
		k, _ := s.at(manifest)
		keys[k] = true
		if there := s.t.Get(k.Type, k.ID); there == nil || !reflect.DeepEqual(there.Inputs, s.want(manifest, there)) {
			return true
		}
	}
	return slices.ContainsFunc(s.tracked(nameOf(s.app)), func(o *cloud.Object) bool { return !keys[o.Key()] })
}

// apply checks all manifests before it applies any, as Argo CD does with a dry run, and removes what is no longer there. What is
// refused is said for each
// (https://github.com/argoproj/argo-cd/blob/v3.5.2/controller/sync.go, https://github.com/argoproj/gitops-engine/blob/master/pkg/sync/sync_context.go).
func (s *syncing) apply(wanted []map[string]any) (reason string, err error) {
	var faults []string
	for _, manifest := range wanted {
		if fault := s.refuses(manifest); fault != "" {
			faults = append(faults, fault)
		}
	}
	if len(faults) > 0 {
		return "one or more synchronization tasks are not valid: " + strings.Join(faults, "; "), nil
	}
	keys := map[cloud.Key]bool{}
	for _, manifest := range wanted {
		k, _ := s.at(manifest)
		keys[k] = true
		var refusal *cloud.Refusal
		switch err := s.put(manifest); {
		case errors.As(err, &refusal):
			faults = append(faults, refusal.Message)
		case err != nil:
			return "", err
		}
	}
	if s.spec.SyncPolicy.Automated == nil || s.spec.SyncPolicy.Automated.Prune {
		for _, o := range s.tracked(nameOf(s.app)) {
			if !keys[o.Key()] {
				if _, err := s.finish(o); err != nil {
					return "", err
				}
			}
		}
	}
	if len(faults) > 0 {
		return "one or more objects failed to apply: " + strings.Join(faults, "; "), nil
	}
	return "", nil
}

// refuses is what is known of a manifest before anything is applied: what its project, the cluster's own access control and its
// schema have against it, and whose it is already.
func (s *syncing) refuses(manifest map[string]any) string {
	group, _, grouped := strings.Cut(text(manifest["apiVersion"]), "/")
	if !grouped {
		group = ""
	}
	kind := text(manifest["kind"])
	k, namespace := s.at(manifest)
	switch {
	case !s.lets(group, kind):
		return fmt.Sprintf("resource %s:%s is not permitted in project %s", group, kind, s.spec.Project)
	case namespace != "" && !s.reaches(namespace):
		return fmt.Sprintf("namespace %s is not permitted in project '%s'", namespace, s.spec.Project)
	case !slices.Contains(delivered, k.Type):
		return fmt.Sprintf("%s is not simulated as what an application brings: add it in tests/cloud/kubernetes/applications.go", k.Type)
	}
	for _, verb := range []string{"create", "patch", "delete"} {
		if why := s.forbids(s.by, verb, k.Type, namespace); why != "" {
			return why
		}
	}
	if there := s.t.Get(k.Type, k.ID); there != nil && trackerOf(there) != nameOf(s.app) {
		other := trackerOf(there)
		if other == "" {
			return fmt.Sprintf("%s is the platform's own: to take it over is not simulated", there.PublicID())
		}
		return fmt.Sprintf("Shared resource found: %s/%s is part of applications %s and %s", kind, there.PublicID(), other, nameOf(s.app))
	}
	for _, failure := range s.p.validate(s.object(manifest)) {
		return strings.TrimSpace(fmt.Sprintf("%s: %s %s", label(manifest), failure.Path, failure.Reason))
	}
	return ""
}

// put makes an object, or changes the one that is there.
func (s *syncing) put(manifest map[string]any) error {
	k, namespace := s.at(manifest)
	if err := s.open(namespace); err != nil {
		return err
	}
	if there := s.t.Get(k.Type, k.ID); there != nil {
		inputs := s.want(manifest, there)
		if err := unchanged(there, inputs); err != nil {
			return err
		}
		was, before := s.exposure(there), there.Inputs
		there.Inputs = inputs
		if err := s.fits(there); err != nil {
			there.Inputs = before
			return err
		}
		return s.follow(there, was)
	}
	uid := s.t.Random(32)
	made := s.t.Mint(cloud.Object{
		Type: k.Type, ID: k.ID, Public: namespace + "/" + text(dig(manifest, "metadata", "name")), Hidden: true, Owner: s.config.Cluster,
		Inputs: s.object(manifest), Random: []string{uid}, Props: map[string]any{"namespace": namespace, "uid": uid},
	})
	if err := s.fits(made); err != nil {
		s.t.Remove(made.Key())
		return err
	}
	return nil
}
