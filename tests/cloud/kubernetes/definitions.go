package kubernetes

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing/fstest"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"sigs.k8s.io/kubectl-validate/pkg/openapiclient"
	"sigs.k8s.io/kubectl-validate/pkg/validator"

	"platform/tests/charts"
	"platform/tests/cloud"
)

const definitionType = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"

// custom says whether kinds of a group need a definition. A group without a dot is Kubernetes' own
// (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/).
func (p *Package) custom(apiVersion string) bool {
	group, _, grouped := strings.Cut(apiVersion, "/")
	return grouped && strings.Contains(group, ".") && !p.builtin[group]
}

// checkDefinition is what the API server checks of a definition. The library's schemas do not hold this kind,
// which describes itself.
func checkDefinition(object map[string]any) []cloud.Failure {
	known, whole := withoutUnknown(object)
	raw, err := json.Marshal(known)
	if err != nil {
		return []cloud.Failure{{Reason: err.Error()}}
	}
	strict := json.NewDecoder(bytes.NewReader(raw))
	strict.DisallowUnknownFields()
	var given apiextensionsv1.CustomResourceDefinition
	if err := strict.Decode(&given); err != nil {
		return []cloud.Failure{{Reason: err.Error()}}
	}
	if !whole {
		return nil // what is missing now may be there when all is known
	}
	apiextensionsv1.SetObjectDefaults_CustomResourceDefinition(&given)
	var complete apiextensions.CustomResourceDefinition
	if err := apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(&given, &complete, nil); err != nil {
		return []cloud.Failure{{Reason: err.Error()}}
	}
	var out []cloud.Failure
	for _, fault := range validation.ValidateCustomResourceDefinition(context.Background(), &complete) {
		if !strings.HasPrefix(fault.Field, "status.") { // which the API server fills in
			out = append(out, cloud.Failure{Path: fault.Field, Reason: fault.ErrorBody()})
		}
	}
	return out
}

// definition is what defines the kind of a custom resource; nil if nothing does.
func (w *world) definition(typ string) *cloud.Object {
	apiVersion, kind := version(typ)
	if !w.p.custom(apiVersion) {
		return nil
	}
	group, number, _ := strings.Cut(apiVersion, "/")
	for _, d := range w.list(definitionType) {
		if d.Str("spec.group") != group || d.Str("spec.names.kind") != kind {
			continue
		}
		for _, v := range list(d.Value("spec.versions")) {
			if v["name"] == number && v["served"] != false {
				return d
			}
		}
	}
	return nil
}

// customInputs refuses a kind that nothing defines, and completes and checks one that is defined.
func (p *Package) customInputs(w *world, typ string, inputs map[string]any) (map[string]any, error) {
	apiVersion, kind := version(typ)
	if typ == releaseType || !p.custom(apiVersion) {
		return inputs, nil
	}
	d := w.definition(typ)
	if d == nil {
		return nil, cloud.Refuse("NoMatch", "no matches for kind %q in version %q: its definition must be there before", kind, apiVersion)
	}
	if d.Bool("terminating") {
		return nil, cloud.Refuse("MethodNotAllowed", "create not allowed while custom resource definition %s is terminating", nameOf(d))
	}
	metadata, _ := inputs["metadata"].(map[string]any)
	metadata = maps.Clone(metadata)
	if d.Str("spec.scope") != "Namespaced" {
		delete(metadata, "namespace")
	} else if metadata["namespace"] == nil {
		metadata["namespace"] = "default"
	}
	inputs = maps.Clone(inputs)
	inputs["metadata"] = metadata
	return inputs, w.conforms(d, inputs)
}

// conforms checks a custom resource against its definition's schema.
func (w *world) conforms(definition *cloud.Object, inputs map[string]any) error {
	j, err := w.judgeOf(definition)
	if j == nil || err != nil {
		return err
	}
	object, _ := withoutUnknown(inputs)
	raw, err := json.Marshal(object)
	if err != nil {
		return err
	}
	if err := j.check(raw); err != nil {
		return cloud.Refuse("Invalid", "%v", err)
	}
	return nil
}

// judgeOf judges the custom resources of a definition. One that came with a chart is described by the release that
// brought it; of one that was only read of, and of one whose release is gone, the names alone are known: nil.
func (w *world) judgeOf(definition *cloud.Object) (*judge, error) {
	if definition.Inputs != nil {
		known, _ := withoutUnknown(definition.Inputs)
		return newJudge(definition, known)
	}
	key := definition.Str("chart") + "/" + definition.Public
	if known, ok := judges.Load(key); ok {
		return known.(*judge), nil
	}
	for _, o := range w.list(releaseType) {
		name, _ := chartOf(o.Inputs)
		if name != definition.Str("chart") {
			continue
		}
		source, err := charts.Open(name)
		if source == nil || err != nil {
			return nil, err
		}
		objects, err := w.p.render(source, w.version(), o.Inputs)
		if err != nil {
			return nil, err
		}
		for _, each := range objects {
			if tokenOf(each.Manifest) != definitionType || dig(each.Manifest, "metadata", "name") != definition.Public {
				continue
			}
			made, err := newJudge(definition, each.Manifest)
			if err == nil {
				judges.Store(key, made)
			}
			return made, err
		}
	}
	return nil, nil
}

func newJudge(definition *cloud.Object, manifest any) (*judge, error) {
	raw, err := json.Marshal(manifest)
	if err != nil {
		return nil, err
	}
	v, err := validator.New(openapiclient.NewLocalCRDFiles(fstest.MapFS{"definition.json": {Data: raw}}))
	if err != nil {
		return nil, fmt.Errorf("schema of %s: %w", definition.PublicID(), err)
	}
	return &judge{by: v}, nil
}

// undefine deletes all custom resources of a definition with it
// (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#delete-a-customresourcedefinition).
func (w *world) undefine(definition *cloud.Object) (kept []string, err error) {
	names := map[string]int{}
	for _, o := range w.t.Owned(w.config.Cluster) {
		if !w.instance(definition, o) {
			continue
		}
		keeps, err := w.finish(o)
		if err != nil {
			return nil, err
		}
		if len(keeps) > 0 {
			names[keeps[0]]++
		}
	}
	if len(names) > 0 {
		kept = append(kept,
			"finalizers might be preventing deletion (customresourcecleanup.apiextensions.k8s.io): "+counted(names, "%s in %d resource instances"))
	}
	return kept, nil
}

func (w *world) instance(definition, o *cloud.Object) bool {
	apiVersion, kind := version(o.Type)
	group, _, _ := strings.Cut(apiVersion, "/")
	return w.p.custom(apiVersion) && group == definition.Str("spec.group") && kind == definition.Str("spec.names.kind")
}
