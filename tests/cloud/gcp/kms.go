package gcp

import (
	"strconv"
	"strings"

	"platform/tests/cloud"
)

const (
	keyType        = "gcp:kms/cryptoKey:CryptoKey"
	keyVersionType = "kms:crypto-key-version"
	secondsOfADay  = 24 * 60 * 60
)

var kmsHooks = map[string]cloud.Hook{
	keyType: {Created: keyCreated, Updated: func(_ *cloud.Tx, _, o *cloud.Object) error { return rotation(o) }, Deleted: keyDeleted},
	"gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": {Created: func(t *cloud.Tx, o *cloud.Object) error {
		return memberExists(t, o, o.Str("member"))
	}},
}

// keyCreated: a key is of no use without a version, which holds the material.
func keyCreated(t *cloud.Tx, o *cloud.Object) error {
	if err := rotation(o); err != nil {
		return err
	}
	// https://cloud.google.com/kms/docs/destroy-restore#custom-destroy-scheduled-duration
	if s := textSeconds(o.Str("destroyScheduledDuration")); s < secondsOfADay || s > 120*secondsOfADay {
		return cloud.Refuse("INVALID_ARGUMENT", "destroyScheduledDuration %s: 1 to 120 days are allowed", o.Str("destroyScheduledDuration"))
	}
	if !o.Bool("skipInitialVersionCreation") {
		t.Mint(cloud.Object{Type: keyVersionType, ID: o.ID + "/cryptoKeyVersions/1", Hidden: true, Owner: o.Key()})
	}
	return nil
}

// rotation: https://cloud.google.com/kms/docs/key-rotation
func rotation(o *cloud.Object) error {
	period := o.Str("rotationPeriod")
	if period == "" {
		return nil
	}
	if o.Str("purpose") != "ENCRYPT_DECRYPT" {
		return cloud.Refuse("INVALID_ARGUMENT", "rotationPeriod: keys for %s are not rotated by themselves", o.Str("purpose"))
	}
	if textSeconds(period) < secondsOfADay {
		return cloud.Refuse("INVALID_ARGUMENT", "rotationPeriod %s: at least a day is allowed", period)
	}
	return nil
}

// keyDeleted destroys all versions, which can be restored for the scheduled time; the key's name stays taken
// (https://cloud.google.com/kms/docs/resource-hierarchy#lifetime).
func keyDeleted(t *cloud.Tx, o *cloud.Object) error {
	for _, version := range t.Owned(o.Key()) {
		version.Retained, version.Holds = "DESTROY_SCHEDULED", nil
	}
	return nil
}

// textSeconds reads a duration as Google Cloud writes it; what is no duration is none.
func textSeconds(text string) float64 {
	n, err := strconv.ParseFloat(strings.TrimSuffix(text, "s"), 64)
	if err != nil {
		return 0
	}
	return n
}
