package kubernetes

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

const configType = "kubernetes:core/v1:ConfigMap"

// configuring are the types without which a pod does not start.
var configuring = []string{configType, secretType, accountType}

// defaultAccount is that of each namespace (https://kubernetes.io/docs/concepts/security/service-accounts/#default-service-accounts).
const defaultAccount = "default"

// The words of who keeps a pod from starting: the API server, and the kubelet, which fills volumes and then the environment
// (https://github.com/kubernetes/kubernetes/blob/master/plugin/pkg/admission/serviceaccount/admission.go,
// https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kubelet_pods.go).
const (
	noAccount = "error looking up service account "
	noVolume  = "MountVolume.SetUp failed for volume "
	noValue   = "CreateContainerConfigError: "
)

// configured notes which pods cannot start for want of what they name. What a chart runs is left out: its own pods make much of
// that as they start.
func (w *world) configured() error {
	for _, typ := range workloads {
		for _, o := range w.t.Find(typ, func(o *cloud.Object) bool {
			reason := o.Str(controller.Waits)
			return w.mine(o) && o.Owner == w.config.Cluster && !o.Bool("terminating") && (reason == "" || ofConfiguration(reason))
		}) {
			template, err := w.template(o)
			if err != nil {
				return err
			}
			wait(o, w.prevented(o, template.Spec))
		}
	}
	return nil
}

func ofConfiguration(reason string) bool {
	return strings.Contains(reason, noAccount) || strings.HasPrefix(reason, noVolume) || strings.HasPrefix(reason, noValue)
}

// unconfiguredWait says whether some pod waits for what it names.
func (w *world) unconfiguredWait() bool {
	return slices.ContainsFunc(workloads, func(typ string) bool {
		return w.t.Count(typ, func(o *cloud.Object) bool { return w.mine(o) && ofConfiguration(o.Str(controller.Waits)) }) > 0
	})
}

// prevented says what keeps a workload's pods from starting; "" if nothing does.
func (w *world) prevented(o *cloud.Object, spec corev1.PodSpec) string {
	namespace := o.Str("namespace")
	if name := spec.ServiceAccountName; name != "" && name != defaultAccount {
		if k := w.key(accountType, namespace, name); !w.t.Has(k.Type, k.ID) {
			return forbidden(o, fmt.Sprintf("%s%s/%s: serviceaccount %q not found", noAccount, namespace, name, name))
		}
	}
	in := namespaced{namespace, func(typ, name string) *cloud.Object {
		k := w.key(typ, namespace, name)
		return w.t.Get(k.Type, k.ID)
	}}
	for _, volume := range spec.Volumes {
		if reason := in.fills(volume); reason != "" {
			return fmt.Sprintf("%s%q : %s", noVolume, volume.Name, reason)
		}
	}
	for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
		if _, reason := in.environment(c, map[string]string{}); reason != "" {
			return noValue + reason
		}
	}
	return ""
}

// namespaced finds what pods of a namespace name.
type namespaced struct {
	name string
	find func(typ, name string) *cloud.Object
}

// holder is an object that holds values by key: a ConfigMap or a Secret.
func (n namespaced) holder(typ, name string) (values map[string]string, reason string) {
	o := n.find(typ, name)
	if o == nil {
		_, kind := version(typ)
		return nil, fmt.Sprintf("%s %q not found", strings.ToLower(kind), name)
	}
	values = texts(o.Inputs["data"])
	if typ == secretType {
		for key, encoded := range values {
			if raw, err := base64.StdEncoding.DecodeString(encoded); err == nil {
				values[key] = string(raw)
			}
		}
		maps.Copy(values, texts(o.Inputs["stringData"]))
	}
	return values, ""
}

// entry is one value of a holder.
func (n namespaced) entry(typ, name, key string, optional *bool) (value string, given bool, reason string) {
	values, reason := n.holder(typ, name)
	value, given = values[key]
	if reason == "" && !given {
		_, kind := version(typ)
		reason = fmt.Sprintf("couldn't find key %s in %s %s/%s", key, kind, n.name, name)
	}
	if may(optional) {
		reason = ""
	}
	return value, given, reason
}

// may says whether what is named need not be there.
func may(optional *bool) bool { return optional != nil && *optional }

// environment adds the variables of a container to some, or says which cannot be had
// (https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/).
func (n namespaced) environment(c corev1.Container, into map[string]string) (out map[string]string, reason string) {
	for _, from := range c.EnvFrom {
		typ, name, optional := configType, "", (*bool)(nil)
		switch {
		case from.ConfigMapRef != nil:
			name, optional = from.ConfigMapRef.Name, from.ConfigMapRef.Optional
		case from.SecretRef != nil:
			typ, name, optional = secretType, from.SecretRef.Name, from.SecretRef.Optional
		}
		values, reason := n.holder(typ, name)
		if reason != "" && !may(optional) {
			return into, reason
		}
		for key, value := range values {
			into[from.Prefix+key] = value
		}
	}
	for _, variable := range c.Env {
		from, given, reason := variable.ValueFrom, true, ""
		value := variable.Value
		switch {
		case from == nil:
		case from.ConfigMapKeyRef != nil:
			value, given, reason = n.entry(configType, from.ConfigMapKeyRef.Name, from.ConfigMapKeyRef.Key, from.ConfigMapKeyRef.Optional)
		case from.SecretKeyRef != nil:
			value, given, reason = n.entry(secretType, from.SecretKeyRef.Name, from.SecretKeyRef.Key, from.SecretKeyRef.Optional)
		default:
			given = false // of the pod itself, which is always there
		}
		if reason != "" {
			return into, reason
		}
		if given {
			into[variable.Name] = value
		}
	}
	return into, ""
}

// fills says why a volume cannot be filled; "" if it can.
func (n namespaced) fills(v corev1.Volume) (reason string) {
	need := func(typ, name string, keys []corev1.KeyToPath, optional *bool) {
		values, missing := n.holder(typ, name)
		for _, item := range keys {
			if _, given := values[item.Key]; missing == "" && !given {
				missing = "references non-existent config key: " + item.Key
			}
		}
		if missing != "" && !may(optional) && reason == "" {
			reason = missing
		}
	}
	if from := v.ConfigMap; from != nil {
		need(configType, from.Name, from.Items, from.Optional)
	}
	if from := v.Secret; from != nil {
		need(secretType, from.SecretName, from.Items, from.Optional)
	}
	if v.Projected != nil {
		for _, from := range v.Projected.Sources {
			if from.ConfigMap != nil {
				need(configType, from.ConfigMap.Name, from.ConfigMap.Items, from.ConfigMap.Optional)
			}
			if from.Secret != nil {
				need(secretType, from.Secret.Name, from.Secret.Items, from.Secret.Optional)
			}
		}
	}
	return reason
}
