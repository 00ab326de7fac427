package rules

import "github.com/pulumi/pulumi/sdk/v3/go/property"

// mostRotation is how long a key may be used, in seconds: a year and a day of leap.
const mostRotation = 366 * 24 * 3600

var keyRotation = Rule{
	ID: "key-rotation", Severity: Medium, Controls: keyed,
	Holds: "Every key is replaced by itself, once a year or more often",
	Why:   "the longer one key encrypts, the more is lost with it",
	Mend:  "switch the key's rotation on; what was encrypted before stays readable",
	table: map[string][]condition{
		// A key that signs is replaced by a new key, as its other half is in other hands.
		"aws:kms/key:Key": {
			must("enableKeyRotation", is("true"), "https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html").
				on(where("keyUsage", orNothing(is("ENCRYPT_DECRYPT")))),
		},
		"azure-native:keyvault:Key": {
			must("properties.rotationPolicy.lifetimeActions", rotates, "https://learn.microsoft.com/azure/key-vault/keys/how-to-configure-key-rotation"),
		},
		"azure-native:compute:DiskEncryptionSet": {
			must("rotationToLatestKeyVersionEnabled", is("true"), "https://learn.microsoft.com/azure/virtual-machines/disk-encryption#automatic-key-rotation-of-customer-managed-keys"),
		},
		"gcp:kms/cryptoKey:CryptoKey": {
			must("rotationPeriod", allow("a period of at most 366 days, in seconds", func(v property.Value) bool {
				n, ok := number(v)
				return ok && n > 0 && n <= mostRotation
			}), "https://cloud.google.com/kms/docs/key-rotation").on(where("purpose", orNothing(is("ENCRYPT_DECRYPT")))),
		},
	},
}

// rotates wants one of a key's actions to replace it.
var rotates = allow("an action of type Rotate", func(v property.Value) bool {
	if !v.IsArray() {
		return false
	}
	for _, action := range v.AsArray().All {
		if action.IsMap() && text(at(action.AsMap(), "action.type")[0].value) == "Rotate" {
			return true
		}
	}
	return false
})

// rescue is how many days a deleted key can be brought back, and with it all that it encrypted.
var rescue = tiers{"development": 7, "staging": 7, Production: 30}

var keyRescue = Rule{
	ID: "key-rescue", Severity: High, Controls: kept,
	Holds: "A deleted key or secret can be brought back for the days that the tier asks for",
	Why:   "with its key everything is lost that it encrypted, the backups as well",
	Mend:  "raise keys.deletionDays in the environment's file",
	table: map[string][]condition{
		"aws:kms/key:Key": {
			must("deletionWindowInDays", orNothing(atLeast(rescue, "days")), "https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html"),
		},
		"aws:secretsmanager/secret:Secret": {
			must("recoveryWindowInDays", orNothing(atLeast(rescue, "days")), "https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html"),
		},
		"azure-native:keyvault:Vault": {
			must("properties.enableSoftDelete", orNothing(is("true")), "https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview"),
			must("properties.softDeleteRetentionInDays", orNothing(atLeast(rescue, "days")), "https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview"),
		},
		"gcp:kms/cryptoKey:CryptoKey": {
			must("destroyScheduledDuration", orNothing(rescueSeconds), "https://cloud.google.com/kms/docs/destroy-restore"),
		},
	},
}

var rescueSeconds = func() test {
	seconds := tiers{}
	for tier, days := range rescue {
		seconds[tier] = days * 24 * 3600
	}
	return atLeast(seconds, "seconds")
}()
