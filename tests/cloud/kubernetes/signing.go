package kubernetes

import (
	"fmt"

	"platform/tests/cloud"
)

const (
	certificateType = "kubernetes:cert-manager.io/v1:Certificate"
	signerChart     = "cert-manager"
)

// sign lets cert-manager issue the certificates that are asked for, each into its Secret
// (https://cert-manager.io/docs/usage/certificate/). That stays when the certificate goes, until its namespace does
// (https://cert-manager.io/docs/usage/certificate/#cleaning-up-secrets-when-certificates-are-deleted).
func (w *world) sign() (made bool, err error) {
	asked := w.t.Find(certificateType, func(o *cloud.Object) bool {
		k := w.key(secretType, namespaceOf(o), o.Str("spec.secretName"))
		return w.mine(o) && !o.Bool("terminating") && !w.t.Has(k.Type, k.ID)
	})
	if len(asked) == 0 {
		return false, nil
	}
	running := w.lives(signerChart)
	for _, o := range asked {
		reason := "no controller of certificates runs"
		if running {
			if reason, err = w.signed(o); err != nil {
				return false, err
			}
		}
		wait(o, reason)
		made = made || reason == ""
	}
	return made, nil
}

func (w *world) signed(o *cloud.Object) (reason string, err error) {
	kind, namespace := o.Str("spec.issuerRef.kind"), namespaceOf(o)
	if kind == "" {
		kind = "Issuer"
	}
	within := namespace
	if kind == "ClusterIssuer" {
		within = ""
	}
	by := o.Str("spec.issuerRef.name")
	if k := w.key("kubernetes:cert-manager.io/v1:"+kind, within, by); !w.t.Has(k.Type, k.ID) {
		return fmt.Sprintf("Referenced %q not found: %s.cert-manager.io %q not found", kind, kind, by), nil
	}
	data := map[string]string{}
	for _, key := range []string{"ca.crt", "tls.crt", "tls.key"} {
		data[key] = "<" + key + " of " + nameOf(o) + ">"
	}
	made, against, err := w.keep(namespace, o.Str("spec.secretName"), "kubernetes.io/tls", nil, data, w.config.Cluster)
	if made == nil {
		return against, err
	}
	return "", nil
}
