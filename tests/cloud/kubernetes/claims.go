package kubernetes

import (
	"errors"
	"fmt"
	"maps"

	"k8s.io/apimachinery/pkg/api/resource"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

const (
	claimType  = "kubernetes:core/v1:PersistentVolumeClaim"
	volumeType = "kubernetes:core/v1:PersistentVolume"
	classType  = "kubernetes:storage.k8s.io/v1:StorageClass"
)

// claims makes what StatefulSets claim, binds what can be bound, and reclaims what was released.
func (w *world) claims() error {
	for _, set := range w.list(setType) {
		if set.Bool("terminating") || set.Str(controller.Waits) != "" || len(list(set.Value("spec.volumeClaimTemplates"))) == 0 {
			continue
		}
		if err := w.claimFor(w.t.Get(set.Type, set.ID)); err != nil {
			return err
		}
	}
	for _, claim := range w.list(claimType) {
		if claim.Str("volume") != "" || claim.Bool("terminating") {
			continue
		}
		claim = w.t.Get(claim.Type, claim.ID)
		reason, err := w.bind(claim)
		if err != nil {
			return err
		}
		wait(claim, reason)
	}
	for _, volume := range w.list(volumeType) {
		if volume.Bool("released") {
			if err := w.reclaim(w.t.Get(volume.Type, volume.ID)); err != nil {
				return err
			}
		}
	}
	return nil
}

// claimFor makes the claims of a StatefulSet's pods. They are their own: they stay when it goes or
// shrinks, unless it says otherwise
// (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention).
func (w *world) claimFor(set *cloud.Object) error {
	pods, err := w.pods(set)
	if err != nil {
		return err
	}
	templates, namespace := list(set.Value("spec.volumeClaimTemplates")), set.Str("namespace")
	for n := range pods {
		for _, template := range templates {
			name := claimName(template, set, n)
			if k := w.key(claimType, namespace, name); w.t.Get(k.Type, k.ID) == nil {
				metadata, _ := template["metadata"].(map[string]any)
				metadata = maps.Clone(metadata)
				metadata["name"], metadata["namespace"] = name, namespace
				uid := w.t.Random(32)
				made := w.t.Mint(cloud.Object{
					Type: claimType, ID: k.ID, Public: namespace + "/" + name, Hidden: true, Owner: w.config.Cluster,
					Inputs: map[string]any{"metadata": metadata, "spec": template["spec"]}, Random: []string{uid},
					Props: map[string]any{"namespace": namespace, "uid": uid, "set": set.ID},
				})
				against, err := w.room(made)
				if err != nil {
					return err
				}
				if against != "" {
					w.t.Remove(made.Key())
					wait(set, fmt.Sprintf("create Pod %s-%d failed: persistentvolumeclaims %q is forbidden: %s", nameOf(set), n, name, against))
					return nil
				}
			}
		}
	}
	return nil
}

// bind makes the volume of a claim, or says what it waits for. A class may wait for the pod that will
// use the volume, to make it where that pod runs
// (https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode); such a claim is as
// it should be.
func (w *world) bind(claim *cloud.Object) (reason string, err error) {
	class, reason := w.class(claim)
	if class == nil {
		return reason, nil
	}
	used, err := w.used(claim)
	if err != nil {
		return "", err
	}
	if class.Str("volumeBindingMode") == "WaitForFirstConsumer" && !used {
		return "", nil
	}
	size, err := resource.ParseQuantity(claim.Str("spec.resources.requests.storage"))
	if err != nil {
		return "", cloud.Refuse("Invalid", "PersistentVolumeClaim %q: spec.resources[storage]: %v", claim.PublicID(), err)
	}
	name, provisioner := "pvc-"+claim.Str("uid"), class.Str("provisioner")
	disk, err := w.by.Provision(w.t, w.c, controller.Claim{
		Key: claim.Key(), Namespace: claim.Str("namespace"), Name: nameOf(claim), Volume: name, Provisioner: provisioner,
		Parameters: texts(class.Inputs["parameters"]), GiB: int((size.Value() + 1<<30 - 1) >> 30),
	})
	var pending controller.Pending
	switch {
	case errors.Is(err, controller.ErrNotMine):
		return fmt.Sprintf("waiting for a volume to be created by the external provisioner %q", provisioner), nil
	case errors.As(err, &pending):
		return fmt.Sprintf("waiting for a volume to be created by the external provisioner %q: %s", provisioner, pending), nil
	case err != nil:
		return "", err
	}
	policy := class.Str("reclaimPolicy")
	if policy == "" {
		policy = "Delete" // https://kubernetes.io/docs/concepts/storage/storage-classes/#reclaim-policy
	}
	w.t.Mint(cloud.Object{
		Type: volumeType, ID: w.c.ID + "/" + name, Hidden: true, Owner: claim.Key(),
		Props: map[string]any{
			"claim": claim.PublicID(), "reclaimPolicy": policy, "provisioner": provisioner, "disk": disk.ID, "diskType": disk.Type,
		},
	})
	claim.Props["volume"] = name
	return "", nil
}

// defaultClass marks the class of claims that name none
// (https://kubernetes.io/docs/concepts/storage/storage-classes/#default-storageclass).
const defaultClass = "storageclass.kubernetes.io/is-default-class"

func (w *world) class(claim *cloud.Object) (*cloud.Object, string) {
	named := claim.Value("spec.storageClassName")
	if named == "" {
		return nil, "no volume was made for it by hand, and it asks for no class"
	}
	for _, class := range w.list(classType) {
		if nameOf(class) == named || named == nil && texts(dig(class.Inputs, "metadata", "annotations"))[defaultClass] == "true" {
			return class, ""
		}
	}
	if named == nil {
		return nil, "no persistent volumes available for this claim and no storage class is set"
	}
	return nil, fmt.Sprintf("storageclass.storage.k8s.io %q not found", named)
}

// dig follows keys into nested objects; unlike a dotted path it finds keys that contain dots.
func dig(v any, keys ...string) any {
	for _, k := range keys {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	return v
}

// release is what becomes of a claim's volume when the claim is gone
// (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming). Nobody waits for it.
func (w *world) release(claim *cloud.Object) error {
	volume := w.t.Get(volumeType, w.c.ID+"/"+claim.Str("volume"))
	if volume == nil {
		return nil
	}
	volume.Props["released"], volume.Owner = true, w.config.Cluster // the claim is no more
	return w.reclaim(volume)
}

func (w *world) reclaim(volume *cloud.Object) error {
	if volume.Str("reclaimPolicy") != "Delete" {
		return nil
	}
	err := w.by.Reclaim(w.t, w.c, volume.Str("provisioner"), cloud.Key{Type: volume.Str("diskType"), ID: volume.Str("disk")})
	var pending controller.Pending
	if errors.As(err, &pending) {
		wait(volume, pending.Error())
		return nil
	}
	if err == nil {
		w.t.Remove(volume.Key())
	}
	return err
}

// abandon removes the claims of a StatefulSet that says that they go with it.
func (w *world) abandon(set *cloud.Object) error {
	if set.Str("spec.persistentVolumeClaimRetentionPolicy.whenDeleted") != "Delete" {
		return nil
	}
	for _, claim := range w.find(claimType) {
		if claim.Str("set") == set.ID {
			if err := w.release(claim); err != nil {
				return err
			}
			w.t.Remove(claim.Key())
		}
	}
	return nil
}
