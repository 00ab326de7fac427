package kubernetes

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"platform/tests/cloud"
)

const (
	secretType   = "kubernetes:core/v1:Secret"
	accountType  = "kubernetes:core/v1:ServiceAccount"
	fetchType    = "kubernetes:external-secrets.io/v1:ExternalSecret"
	storeType    = "kubernetes:external-secrets.io/v1:SecretStore"
	fetcherChart = "external-secrets"
)

// fetch lets the controller of secrets make those that are asked for (https://external-secrets.io/v1.3.2/api/externalsecret/). What
// an operator puts into the cloud's store no rehearsal knows; that he has done so is taken as given, and the name by which the
// store is asked stands for the value.
func (w *world) fetch() (made bool, err error) {
	asked := w.t.Find(fetchType, func(o *cloud.Object) bool {
		k := w.key(secretType, namespaceOf(o), targetOf(o))
		return w.mine(o) && !o.Bool("terminating") && !w.t.Has(k.Type, k.ID)
	})
	if len(asked) == 0 {
		return false, nil
	}
	running := w.lives(fetcherChart)
	for _, o := range asked {
		reason := "no controller of secrets runs"
		if running {
			if reason, err = w.fetched(o); err != nil {
				return false, err
			}
		}
		wait(o, reason)
		made = made || reason == ""
	}
	return made, nil
}

// targetOf is the Secret that is made: named as what asks for it, unless that says otherwise.
func targetOf(o *cloud.Object) string {
	if name := o.Str("spec.target.name"); name != "" {
		return name
	}
	return nameOf(o)
}

func namespaceOf(o *cloud.Object) string {
	namespace, _ := o.Props["namespace"].(string)
	return namespace
}

func (w *world) fetched(o *cloud.Object) (reason string, err error) {
	namespace, from := namespaceOf(o), o.Str("spec.secretStoreRef.name")
	if kind := o.Str("spec.secretStoreRef.kind"); kind != "SecretStore" && kind != "" {
		return "", fmt.Errorf("%s: stores of kind %s are not simulated: add them in tests/cloud/kubernetes/fetching.go", o, kind)
	}
	k := w.key(storeType, namespace, from)
	store := w.t.Get(k.Type, k.ID)
	if store == nil {
		return fmt.Sprintf("could not get SecretStore %q, not found", from), nil
	}
	for _, account := range accountsOf(store.Value("spec.provider")) {
		if k := w.key(accountType, namespace, account); !w.t.Has(k.Type, k.ID) {
			return fmt.Sprintf("ServiceAccount %q not found", account), nil
		}
	}
	data := map[string]string{}
	for _, each := range list(o.Value("spec.data")) {
		data[text(each["secretKey"])] = "<" + text(dig(each, "remoteRef", "key")) + ">"
	}
	labels := dig(o.Inputs, "metadata", "labels")
	if template, _ := dig(o.Inputs, "spec", "target", "template").(map[string]any); template != nil {
		labels = dig(template, "metadata", "labels")
		if forms := texts(template["data"]); len(forms) > 0 {
			data = filled(forms, data)
		}
	}
	made, against, err := w.keep(namespace, targetOf(o), "Opaque", labels, data, o.Key())
	if made == nil {
		return against, err
	}
	return "", nil
}

// filled puts values where a form of a Secret names one; what a form does with a value beyond that is left as it is written.
func filled(forms, values map[string]string) map[string]string {
	out := map[string]string{}
	for key, form := range forms {
		for name, value := range values {
			form = strings.ReplaceAll(form, "{{ ."+name+" }}", value)
		}
		out[key] = form
	}
	return out
}

// accountsOf are the accounts by whose tokens a store is opened, wherever its provider says so.
func accountsOf(v any) []string {
	var out []string
	m, _ := v.(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if key == "serviceAccountRef" {
			out = append(out, text(dig(m[key], "name")))
			continue
		}
		out = append(out, accountsOf(m[key])...)
	}
	return out
}

// keep makes a Secret, or says why there is no room for it. Its values are kept as they are written and not encoded, so that
// generated text in them is found.
func (w *world) keep(namespace, name, kind string, labels any, data map[string]string, owner cloud.Key) (made *cloud.Object, against string, err error) {
	values := map[string]any{}
	for key, value := range data {
		values[key] = value
	}
	metadata := map[string]any{"name": name, "namespace": namespace}
	if labels != nil {
		metadata["labels"] = labels
	}
	k, uid := w.key(secretType, namespace, name), w.t.Random(32)
	made = w.t.Mint(cloud.Object{
		Type: k.Type, ID: k.ID, Public: namespace + "/" + name, Hidden: true, Owner: owner, Random: []string{uid},
		Inputs: map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": kind, "stringData": values},
		Props:  map[string]any{"namespace": namespace, "uid": uid},
	})
	if against, err = w.room(made); err != nil || against != "" {
		w.t.Remove(made.Key())
		return nil, fmt.Sprintf("secrets %q is forbidden: %s", name, against), err
	}
	return made, "", nil
}

// forgotten: a Secret goes with what fetches it, as a child of it
// (https://external-secrets.io/v1.3.2/guides/ownership-deletion-policy/#creation-policy).
func (w *world) forgotten(o *cloud.Object) {
	for _, each := range w.t.Owned(o.Key()) {
		w.t.Remove(each.Key())
	}
}
