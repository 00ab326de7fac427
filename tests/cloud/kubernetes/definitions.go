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
	for _, d := range w.find(definitionType) {
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
	return inputs, conforms(d, inputs)
}

// conforms checks a custom resource against its definition's schema. Of a definition that came with a
// chart only the names are known.
func conforms(definition *cloud.Object, inputs map[string]any) error {
	if definition.Inputs == nil {
		return nil
	}
	known, _ := withoutUnknown(definition.Inputs)
	raw, err := json.Marshal(known)
	if err != nil {
		return err
	}
	v, err := validator.New(openapiclient.NewLocalCRDFiles(fstest.MapFS{"definition.json": {Data: raw}}))
	if err != nil {
		return fmt.Errorf("schema of %s: %w", definition.PublicID(), err)
	}
	object, _ := withoutUnknown(inputs)
	if raw, err = json.Marshal(object); err != nil {
		return err
	}
	_, parsed, err := v.Parse(raw)
	if err == nil {
		err = v.Validate(parsed)
	}
	if err != nil {
		return cloud.Refuse("Invalid", "%v", err)
	}
	return nil
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
