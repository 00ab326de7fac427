package gcp_test

import (
	"strings"
	"testing"

	"platform/tests/cloud"
)

const (
	ring    = "gcp:kms/keyRing:KeyRing"
	key     = "gcp:kms/cryptoKey:CryptoKey"
	keyUser = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
	bucket  = "gcp:logging/projectBucketConfig:ProjectBucketConfig"
	service = "gcp:projects/service:Service"
	agent   = "gcp:projects/serviceIdentity:ServiceIdentity"
)

// keyWorld has a key.
type keyWorld struct {
	*world
	ring, key *cloud.Object
}

func newKeyWorld(t *testing.T) *keyWorld {
	t.Helper()
	w := &keyWorld{world: newWorld(t, "cloudkms", "pubsub", "secretmanager")}
	w.ring = w.Have(ring, values{"name": "ring", "project": project, "location": "europe-west3"})
	w.key = w.Have(key, w.good())
	return w
}

func (w *keyWorld) good() values {
	return values{"name": "logs", "keyRing": w.ring.ID, "rotationPeriod": "7776000s", "destroyScheduledDuration": "604800s"}
}

func TestAKeyIsRefused(t *testing.T) {
	w := newKeyWorld(t)
	for name, c := range map[string]refusal{
		"with a week of hours":            {values{"name": "b", "destroyScheduledDuration": "3600s"}, "1 to 120 days"},
		"with a rescue of half a year":    {values{"name": "b", "destroyScheduledDuration": "15552000s"}, "1 to 120 days"},
		"that rotates every hour":         {values{"name": "b", "rotationPeriod": "3600s"}, "at least a day"},
		"that signs and rotates":          {values{"name": "b", "purpose": "ASYMMETRIC_SIGN"}, "not rotated by themselves"},
		"in a ring that is not there":     {values{"name": "b", "keyRing": "projects/p/locations/l/keyRings/no"}, "does not exist"},
		"with a duration of no unit":      {values{"name": "b", "rotationPeriod": "90"}, "does not match"},
		"by a name that is taken forever": {values{}, "is taken by"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := w.Create(key, w.good(), c.changes); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want one that says %q", err, c.want)
			}
		})
	}
}

func TestADeletedKeyKeepsItsNameAndItsVersionsCanBeRescued(t *testing.T) {
	w := newKeyWorld(t)
	if versions := w.All("kms:crypto-key-version"); len(versions) != 1 || versions[0].Owner != w.key.Key() {
		t.Fatalf("versions: %v, want the first of the key", versions)
	}
	for _, o := range []*cloud.Object{w.key, w.ring} {
		if err := w.Remove(o); err != nil {
			t.Fatal(err)
		}
		if w.Kept(o.Type, o.ID) == nil {
			t.Errorf("%s is gone, but can never be deleted", o)
		}
	}
	if v := w.Kept("kms:crypto-key-version", w.key.ID+"/cryptoKeyVersions/1"); v == nil || v.Retained != "DESTROY_SCHEDULED" {
		t.Errorf("the version is %v, want it scheduled for destruction", v)
	}
	if _, err := w.Create(ring, values{"name": "ring", "project": project, "location": "europe-west3"}); err == nil || !strings.Contains(err.Error(), "KEPT") {
		t.Errorf("a ring is made under a name that is taken: %v", err)
	}
}

func TestAKeyIsForAccountsThatAreThere(t *testing.T) {
	w := newKeyWorld(t)
	grant := func(service string) values {
		account := w.Have(agent, values{"service": service + ".googleapis.com"})
		return values{"cryptoKeyId": w.key.ID, "role": "roles/cloudkms.cryptoKeyEncrypterDecrypter", "member": account.Str("member")}
	}
	good := grant("pubsub")
	w.Have(keyUser, good)
	nobody := strings.Replace(good["member"].(string), "gcp-sa-pubsub", "gcp-sa-secretmanager", 1)
	if _, err := w.Create(keyUser, good, values{"member": nobody}); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("a key is for an account that nobody asked for: %v", err)
	}
	w.Have(keyUser, grant("secretmanager"))
	for _, member := range []string{
		"serviceAccount:nobody@platform-test.iam.gserviceaccount.com", "serviceAccount:cmek-p1@gcp-sa-logging.iam.gserviceaccount.com",
	} {
		if _, err := w.Create(keyUser, good, values{"member": member}); err == nil || !strings.Contains(err.Error(), "does not exist") {
			t.Errorf("a key is for %s: %v", member, err)
		}
	}
}

func TestALogBucketIsRefused(t *testing.T) {
	w := newKeyWorld(t)
	good := values{
		"project": project, "location": "europe-west3", "bucketId": "flow-logs", "retentionDays": 30.0,
		"cmekSettings": values{"kmsKeyName": w.key.ID},
	}
	refused := func(name string, changes values, want string) {
		t.Helper()
		if _, err := w.Create(bucket, good, changes); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v, want one that says %q", name, err, want)
		}
	}
	refused("with a key that Logging may not use", values{}, "may not use the key")
	var account string
	if err := w.Store.View(func(t *cloud.Tx) error {
		settings, err := w.Table.Invoke(t, w.Config, "gcp:logging/getProjectCmekSettings:getProjectCmekSettings", values{"project": project})
		if err == nil {
			account = settings["serviceAccountId"].(string)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	w.Have(keyUser, values{"cryptoKeyId": w.key.ID, "role": "roles/cloudkms.cryptoKeyEncrypterDecrypter", "member": "serviceAccount:" + account})
	refused("in another region than its key", values{"location": "europe-west4"}, "not in the bucket's location")
	refused("for longer than ten years", values{"retentionDays": 3651.0}, "at most 3650")
	refused("for no time", values{"retentionDays": 0.0}, "at least 1")

	made := w.Have(bucket, good)
	if err := w.Update(made, values{"cmekSettings": nil}); err == nil || !strings.Contains(err.Error(), "stays") {
		t.Errorf("the key was taken away: %v", err)
	}
	if err := w.Remove(made); err != nil {
		t.Fatal(err)
	}
	refused("by a name that is taken for a week", values{}, "DELETE_REQUESTED")
}

func TestNothingIsMadeBeforeItsServiceIsOn(t *testing.T) {
	w := newWorld(t)
	if _, err := w.Create(network, values{"name": "dev", "autoCreateSubnetworks": false}); !cloud.Refused(err, "SERVICE_DISABLED") {
		t.Errorf("error is %v", err)
	}
	if _, err := w.Create(agent, values{"service": "pubsub.googleapis.com"}); err == nil || !strings.Contains(err.Error(), "is not on") {
		t.Errorf("error is %v", err)
	}
}

func TestServicesStayOnOnlyIfTheProgramSaysSo(t *testing.T) {
	for _, off := range []bool{false, true} {
		w := newWorld(t)
		made := w.Have(service, values{"project": project, "service": "compute.googleapis.com", "disableOnDestroy": off})
		used := w.Have(network, values{"name": "dev", "autoCreateSubnetworks": false})
		if err := w.Remove(made); cloud.Refused(err, "FAILED_PRECONDITION") != off {
			t.Errorf("off on destroy %t, while a network is there: %v", off, err)
		}
		if err := w.Remove(used); err != nil {
			t.Fatal(err)
		}
		if off {
			if err := w.Remove(made); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.Create(network, values{"name": "dev", "autoCreateSubnetworks": false}); cloud.Refused(err, "SERVICE_DISABLED") != off {
			t.Errorf("off on destroy %t: a network afterwards: %v", off, err)
		}
	}
}

func TestServicesOfOnesOwnGoWithTheEnvironment(t *testing.T) {
	w := newWorld(t)
	before := len(w.All("serviceusage:service"))
	made := w.Have(service, values{"project": project, "service": "orders-0a1b2c.apigateway.platform-test.cloud.goog", "disableOnDestroy": false})
	if err := w.Remove(made); err != nil {
		t.Fatal(err)
	}
	if got := len(w.All("serviceusage:service")); got != before {
		t.Errorf("%d services are on, want %d as before", got, before)
	}
}
