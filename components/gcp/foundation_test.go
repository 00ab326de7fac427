package gcp

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/foundation"
	"platform/components/internal/record"
	"platform/components/tags"
)

// onFoundation builds on a foundation that the recorder has made, as it is made for an environment.
func onFoundation(
	t *testing.T, build func(*pulumi.Context, *Driver, pulumi.Resource) error,
) (record.Resources, error) {
	t.Helper()
	return recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		d.ground = ground{}
		made, err := foundation.New(ctx, "foundation", d, foundation.Args{LogDays: 30})
		if err != nil {
			return err
		}
		return build(ctx, d, made)
	})
}

func TestServicesStayOnAndTheRingGetsRandomText(t *testing.T) {
	resources, err := onFoundation(t, func(*pulumi.Context, *Driver, pulumi.Resource) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, service := range services {
		record.Exactly(t, resources, "gcp:projects/service:Service foundation-service-"+service, map[string]any{
			"project": "platform-dev", "service": service, "disableOnDestroy": false,
		})
	}
	// Without a name: the engine completes the logical one.
	record.Exactly(t, resources, "gcp:kms/keyRing:KeyRing dev-gcp", map[string]any{"project": "platform-dev", "location": "europe-west3"})
}

func TestServicesAreInOrderAndNamedOnce(t *testing.T) {
	if !slices.IsSorted(services) || len(slices.Compact(slices.Clone(services))) != len(services) {
		t.Errorf("%v", services)
	}
	for _, service := range slices.Concat(askedAgents, []string{loggingService}) {
		if !slices.Contains(services, service) {
			t.Errorf("%s has an account but is not switched on", service)
		}
	}
	for service := range robots {
		if !slices.Contains(services, service) {
			t.Errorf("%s has an account but is not switched on", service)
		}
	}
}

func TestAgentsAreThoseOfTheProject(t *testing.T) {
	members := map[string]string{}
	_, err := onFoundation(t, func(_ *pulumi.Context, d *Driver, _ pulumi.Resource) error {
		for service := range d.ground.agents {
			members[service] = await(t, d.agent(service))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"compute.googleapis.com":       "serviceAccount:service-123456789012@compute-system.iam.gserviceaccount.com",
		"container.googleapis.com":     "serviceAccount:service-123456789012@container-engine-robot.iam.gserviceaccount.com",
		"firestore.googleapis.com":     "serviceAccount:service-123456789012@gcp-sa-firestore.iam.gserviceaccount.com",
		"logging.googleapis.com":       "serviceAccount:cmek-p123456789012@gcp-sa-logging.iam.gserviceaccount.com",
		"pubsub.googleapis.com":        "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com",
		"secretmanager.googleapis.com": "serviceAccount:service-123456789012@gcp-sa-secretmanager.iam.gserviceaccount.com",
		"sqladmin.googleapis.com":      "serviceAccount:service-123456789012@gcp-sa-sqladmin.iam.gserviceaccount.com",
		"storage.googleapis.com":       "serviceAccount:service-123456789012@gs-project-accounts.iam.gserviceaccount.com",
	}
	for service, member := range want {
		if members[service] != member {
			t.Errorf("%s: got %q, want %q", service, members[service], member)
		}
	}
	if len(members) != len(want) {
		t.Errorf("%d accounts are known, want %d", len(members), len(want))
	}
}

func TestAnAccountThatNamesNoProjectIsAnError(t *testing.T) {
	if _, err := robot("somebody@example.com", "compute-system"); err == nil || err.Error() != `account "somebody@example.com": service-<project number>@... was expected` {
		t.Errorf("error is %v", err)
	}
}

func TestAKeyRotatesCanBeRescuedAndServesItsUsers(t *testing.T) {
	resources, err := onFoundation(t, func(ctx *pulumi.Context, d *Driver, parent pulumi.Resource) error {
		_, err := d.key(ctx, "order-placed-key", "Messages of order-placed", tags.Set{tags.Team: "orders"}, []pulumi.StringInput{
			d.agent("pubsub.googleapis.com"), pulumi.String("serviceAccount:orders@platform-dev.iam.gserviceaccount.com"),
		}, parent)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	record.Exactly(t, resources, "gcp:kms/cryptoKey:CryptoKey order-placed-key", map[string]any{
		"name": "dev-gcp-order-placed-key", "keyRing": "id-dev-gcp",
		"purpose":        "ENCRYPT_DECRYPT",
		"rotationPeriod": "7776000s", "destroyScheduledDuration": "604800s",
		"versionTemplate": map[string]any{
			"algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION", "protectionLevel": "SOFTWARE",
		},
		"labels": map[string]any{
			"team": "orders", "purpose": "messages-of-order-placed",
		},
	})
	for name, member := range map[string]string{
		"order-placed-key-user-pubsub": "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com",
		"order-placed-key-user":        "serviceAccount:orders@platform-dev.iam.gserviceaccount.com",
	} {
		record.Exactly(t, resources, "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember "+name, map[string]any{
			"cryptoKeyId": "id-order-placed-key", "role": "roles/cloudkms.cryptoKeyEncrypterDecrypter",
			"member": member,
		})
	}
}

func TestALabelIsWhatLabelsMayBe(t *testing.T) {
	for text, want := range map[string]string{
		"Flow logs of network": "flow-logs-of-network", "already-so": "already-so",
	} {
		if got := labelValue(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if got := labelValue(strings.Repeat("Schlüssel ", 20)); len(got) > 63 || !everyKind.MatchString(got) {
		t.Errorf("got %q, want at most 63 lower-case letters, digits and hyphens", got)
	}
}
