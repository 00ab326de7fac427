package kubernetes

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"text/template"

	"platform/tests/cloud"
)

const (
	setsType        = "kubernetes:argoproj.io/v1alpha1:ApplicationSet"
	applicationType = "kubernetes:argoproj.io/v1alpha1:Application"
	projectType     = "kubernetes:argoproj.io/v1alpha1:AppProject"
	delivererChart  = "argo-cd"
)

// cascades lets an application take along what it brought (https://argo-cd.readthedocs.io/en/stable/user-guide/app_deletion/).
var cascades = []string{"resources-finalizer.argocd.argoproj.io", "resources-finalizer.argocd.argoproj.io/background"}

// deliver lets Argo CD make the applications of its sets, bring what is in Git, and let scalers say how many pods run of it.
func (w *world) deliver() (acted bool, err error) {
	if !w.any(setsType) && !w.any(applicationType) {
		return false, nil
	}
	release := w.releaseOf(delivererChart)
	for _, set := range w.find(setsType) {
		if set.Bool("terminating") {
			continue
		}
		reason := "no controller makes its applications"
		if release != nil {
			if reason, err = w.generate(set); err != nil {
				return false, fmt.Errorf("%s: %w", set, err)
			}
		}
		wait(set, reason)
	}
	for _, o := range w.find(applicationType) {
		if o.Bool("terminating") {
			continue
		}
		reason := "no controller brings what it says"
		if release != nil {
			if reason, err = w.sync(release, o); err != nil {
				return false, fmt.Errorf("%s: %w", o, err)
			}
		}
		wait(o, reason)
	}
	return true, w.autoscale()
}

// strictly reads a part of an object into a type that knows all of it that is simulated.
func strictly(from, into any, where string) error {
	raw, err := json.Marshal(from)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%w, which is not simulated: add it in tests/cloud/kubernetes/%s", err, where)
	}
	return nil
}

// applicationSet is what is simulated of one
// (https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/applicationset-specification/).
type applicationSet struct {
	GoTemplate        bool     `json:"goTemplate"`
	GoTemplateOptions []string `json:"goTemplateOptions"`
	Generators        []struct {
		List struct {
			Elements []map[string]any `json:"elements"`
		} `json:"list"`
	} `json:"generators"`
	SyncPolicy struct {
		ApplicationsSync string `json:"applicationsSync"`
	} `json:"syncPolicy"`
	Template struct {
		Metadata map[string]any `json:"metadata"`
		Spec     map[string]any `json:"spec"`
	} `json:"template"`
}

// generate makes, changes and removes the applications of a set, one for each element of its lists
// (https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators-List/).
func (w *world) generate(set *cloud.Object) (reason string, err error) {
	var spec applicationSet
	if err := strictly(set.Inputs["spec"], &spec, "applications.go"); err != nil {
		return "", err
	}
	if !spec.GoTemplate || spec.SyncPolicy.ApplicationsSync != "sync" {
		return "", fmt.Errorf("sets without Go templates, and those that do not sync their applications in whole, are not simulated: " +
			"add them in tests/cloud/kubernetes/applications.go")
	}
	namespace, wanted := set.Str("namespace"), map[cloud.Key]map[string]any{}
	var order []cloud.Key
	for _, generator := range spec.Generators {
		for _, element := range generator.List.Elements {
			object, err := templated(map[string]any{"metadata": spec.Template.Metadata, "spec": spec.Template.Spec}, element, spec.GoTemplateOptions)
			if err != nil {
				return err.Error(), nil
			}
			inputs, _ := object.(map[string]any)
			inputs["apiVersion"], inputs["kind"] = "argoproj.io/v1alpha1", "Application"
			inputs = withNamespace(inputs, namespace)
			name := text(dig(inputs, "metadata", "name"))
			k := w.key(applicationType, namespace, name)
			if wanted[k] != nil {
				return fmt.Sprintf("ApplicationSet %s contains applications with duplicate name: %s", nameOf(set), name), nil
			}
			if inputs, err = w.p.customInputs(w, applicationType, inputs); err != nil {
				return fmt.Sprintf("application %s: %v", name, err), nil
			}
			wanted[k], order = inputs, append(order, k)
		}
	}
	for _, each := range w.applicationsOf(set) {
		if wanted[each.Key()] == nil {
			if _, err := w.finish(each); err != nil {
				return "", err
			}
		}
	}
	for _, k := range order {
		if reason := w.application(set, k, wanted[k]); reason != "" {
			return reason, nil
		}
	}
	return "", nil
}

// application makes one of a set's, or changes it.
func (w *world) application(set *cloud.Object, k cloud.Key, inputs map[string]any) (reason string) {
	if there := w.t.Get(k.Type, k.ID); there != nil {
		if there.Props["set"] != set.ID {
			return fmt.Sprintf("Object %s is already owned by another", there.PublicID())
		}
		if !there.Bool("terminating") && !reflect.DeepEqual(there.Inputs, inputs) {
			operation := there.Inputs["operation"] // of a person, which is no part of the template
			there.Inputs = inputs
			if operation != nil {
				there.Inputs["operation"] = operation
			}
		}
		return ""
	}
	uid := w.t.Random(32)
	w.t.Mint(cloud.Object{
		Type: k.Type, ID: k.ID, Public: strings.TrimPrefix(k.ID, w.c.ID+"/"), Hidden: true, Owner: w.config.Cluster, Inputs: inputs,
		Random: []string{uid}, Props: map[string]any{"namespace": set.Str("namespace"), "uid": uid, "set": set.ID},
	})
	return ""
}

// applicationsOf are those that a set owns.
func (w *world) applicationsOf(set *cloud.Object) []*cloud.Object {
	return w.t.Find(applicationType, func(o *cloud.Object) bool { return w.mine(o) && o.Props["set"] == set.ID })
}

// templated fills every text of a template, in keys and values alike, with an element's parameters
// (https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/GoTemplate/). Functions are not simulated: one that is
// called is unknown.
func templated(v any, parameters map[string]any, options []string) (any, error) {
	switch v := v.(type) {
	case string:
		if !strings.Contains(v, "{{") {
			return v, nil
		}
		form, err := template.New("").Option(options...).Parse(v)
		if err != nil {
			return nil, fmt.Errorf("failed to parse template %s: %w", v, err)
		}
		var out strings.Builder
		if err := form.Execute(&out, parameters); err != nil {
			return nil, fmt.Errorf("failed to execute go template %s: %w", v, err)
		}
		return out.String(), nil
	case map[string]any:
		out := map[string]any{}
		for key, each := range v {
			name, err := templated(key, parameters, options)
			if err != nil {
				return nil, err
			}
			if out[text(name)], err = templated(each, parameters, options); err != nil {
				return nil, err
			}
		}
		return out, nil
	case []any:
		out := make([]any, 0, len(v))
		for _, each := range v {
			one, err := templated(each, parameters, options)
			if err != nil {
				return nil, err
			}
			out = append(out, one)
		}
		return out, nil
	}
	return v, nil
}

// disband deletes the applications of a set that is deleted in the foreground, which waits for them
// (https://kubernetes.io/docs/concepts/architecture/garbage-collection/#foreground-deletion).
func (w *world) disband(set *cloud.Object) (kept []string, err error) {
	held := map[string]int{}
	for _, each := range w.applicationsOf(set) {
		keeps, err := w.finish(each)
		if err != nil {
			return nil, err
		}
		if len(keeps) > 0 {
			held[strings.Join(keeps, ", ")]++
		}
	}
	if len(held) > 0 {
		kept = append(kept, "finalizers might be preventing deletion (foregroundDeletion): "+counted(held, "applications: %s in %d of them"))
	}
	return kept, nil
}

// retract removes what an application brought, the last first, if it says that this goes with it.
func (w *world) retract(o *cloud.Object) (kept []string, err error) {
	finalizers, _ := dig(o.Inputs, "metadata", "finalizers").([]any)
	i := slices.IndexFunc(finalizers, func(f any) bool { return slices.Contains(cascades, fmt.Sprint(f)) })
	if i < 0 {
		return nil, nil
	}
	if !w.lives(delivererChart) {
		return []string{fmt.Sprintf("finalizers might be preventing deletion (%v)", finalizers[i])}, nil
	}
	objects := w.tracked(nameOf(o))
	slices.Reverse(objects)
	for _, each := range objects {
		if w.t.Get(each.Type, each.ID) == nil {
			continue
		}
		keeps, err := w.finish(each)
		if err != nil {
			return nil, err
		}
		kept = append(kept, keeps...)
	}
	return kept, nil
}

// trackedBy is the annotation by which Argo CD knows whose an object is
// (https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/).
const trackedBy = "argocd.argoproj.io/tracking-id"

// trackingID is what it says: of a kind of the core group the group is empty.
func trackingID(application string, manifest map[string]any, namespace string) string {
	group, _, grouped := strings.Cut(text(manifest["apiVersion"]), "/")
	if !grouped {
		group = ""
	}
	return fmt.Sprintf("%s:%s/%s:%s/%s", application, group, text(manifest["kind"]), namespace, text(dig(manifest, "metadata", "name")))
}

// trackerOf is the application that brought an object; "" if none did.
func trackerOf(o *cloud.Object) string {
	application, _, _ := strings.Cut(texts(dig(o.Inputs, "metadata", "annotations"))[trackedBy], ":")
	return application
}

// tracked are the objects that an application brought, in the order in which they came.
func (w *world) tracked(application string) []*cloud.Object {
	var out []*cloud.Object
	for _, typ := range delivered {
		out = append(out, w.t.Find(typ, func(o *cloud.Object) bool { return w.mine(o) && o.Hidden && trackerOf(o) == application })...)
	}
	return out
}

// delivered are the types of what applications may bring here, in the order in which they are brought
// (https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/).
var delivered = []string{
	configType, serviceType, "kubernetes:apps/v1:Deployment", "kubernetes:batch/v1:Job", "kubernetes:batch/v1:CronJob",
}

// autoscale lets scalers hold the pods of what they scale within their bounds: the API's own, and that which counts messages and
// makes one of these (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/, https://keda.sh/docs/2.20/concepts/scaling-deployments/).
// Nothing burdens the pods of a rehearsal, so the least is what runs.
func (w *world) autoscale() error {
	for _, o := range w.t.Find("kubernetes:apps/v1:Deployment", func(o *cloud.Object) bool { return w.mine(o) && o.Hidden && trackerOf(o) != "" }) {
		spec, _ := o.Inputs["spec"].(map[string]any)
		now := 1.0 // https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#replicas
		if n, given := spec["replicas"].(float64); given {
			now = n
		}
		for _, scaler := range scalers {
			if scaler.chart != "" && !w.lives(scaler.chart) {
				continue
			}
			for _, by := range w.listIn(o.Str("namespace"), scaler.typ) {
				if by.Str("spec.scaleTargetRef.kind") == "Deployment" && by.Str("spec.scaleTargetRef.name") == nameOf(o) {
					now = min(max(now, by.Num("spec."+scaler.least)), by.Num("spec."+scaler.most))
				}
			}
		}
		spec["replicas"] = now
		o.Props["status"] = map[string]any{"replicas": now}
	}
	return nil
}

var scalers = []struct{ typ, least, most, chart string }{
	{"kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "minReplicas", "maxReplicas", ""},
	{"kubernetes:keda.sh/v1alpha1:ScaledObject", "minReplicaCount", "maxReplicaCount", "keda"},
}

// retired says whether an object is one of those that Argo CD looks after, and lets it do what their end asks for.
func (w *world) retired(o *cloud.Object) (kept []string, err error) {
	if o.Type == setsType {
		return w.disband(o)
	}
	if o.Type != applicationType {
		return nil, nil
	}
	return w.retract(o)
}
