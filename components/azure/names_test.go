package azure

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"platform/components/naming"
)

// alphabets are what Azure takes in names of each kind
// (https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules); a kind that is not here
// takes lower-case words joined by single hyphens.
var alphabets = map[Kind]*regexp.Regexp{
	KindAPIService:     regexp.MustCompile(`^[a-z][a-z0-9-]{0,48}[a-z0-9]$`),
	KindCosmos:         regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,42}[a-z0-9]$`),
	KindDatabase:       regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`),
	KindIdentity:       regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{2,127}$`),
	KindNamespace:      regexp.MustCompile(`^[a-z][a-z0-9-]{4,48}[a-z0-9]$`),
	KindNodePool:       regexp.MustCompile(`^[a-z][a-z0-9]{0,11}$`),
	KindStorageAccount: regexp.MustCompile(`^[a-z0-9]{3,24}$`),
	KindVault:          regexp.MustCompile(`^[a-z]([a-z0-9]|-[a-z0-9]){1,22}$`),
	KindWorkspace:      regexp.MustCompile(`^[a-z0-9][a-z0-9-]{2,61}[a-z0-9]$`),
}

var words = regexp.MustCompile(`^[a-z]([a-z0-9]|-[a-z0-9])+$`)

// anyParts are what the program may name things by: words of the catalogue, of any length.
var anyParts = rapid.SliceOfN(rapid.StringMatching(`[a-z][a-z0-9]{0,40}(-[a-z0-9]{1,40}){0,3}`), 0, 4)

func TestPhysicalNamesKeepTheLimitAndAlphabetOfTheirKind(t *testing.T) {
	d := New(Settings{Environment: "staging-azure", Region: "germanywestcentral", Subscription: testSubscription})
	for kind, rule := range kinds {
		t.Run(string(kind), func(t *testing.T) {
			alphabet := alphabets[kind]
			if alphabet == nil {
				alphabet = words
			}
			rapid.Check(t, func(t *rapid.T) {
				name := d.physical(kind, anyParts.Draw(t, "parts")...)
				if len(name) > rule.max {
					t.Fatalf("%q has %d characters: at most %d are allowed", name, len(name), rule.max)
				}
				if !alphabet.MatchString(name) {
					t.Fatalf("%q does not match %s", name, alphabet)
				}
			})
		})
	}
}

func TestPhysicalNamesStayApartHoweverLong(t *testing.T) {
	d := New(Settings{Environment: "staging-azure", Region: "germanywestcentral", Subscription: testSubscription})
	joined := func(parts []string) string { return strings.Join(parts, "-") }
	for kind := range kinds {
		t.Run(string(kind), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				seen := map[string]string{}
				for _, parts := range rapid.SliceOfNDistinct(anyParts, 2, 20, joined).Draw(t, "things") {
					name := d.physical(kind, parts...)
					if other, taken := seen[name]; taken {
						t.Fatalf("%q and %q are both %q", joined(parts), other, name)
					}
					seen[name] = joined(parts)
				}
			})
		})
	}
}

func TestNamesWithoutHyphensStayApart(t *testing.T) {
	d := newDriver()
	if one, other := d.physical(KindStorageAccount, "flow-logs"), d.physical(KindStorageAccount, "flowlogs"); one == other {
		t.Errorf("both are %q", one)
	}
}

func TestAVaultsLogicalNameLeavesRoomForTheEngine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := vaultName(append(anyParts.Draw(t, "parts"), "keys")...)
		if longest := kinds[KindVault].max - autoSuffix; len(name) > longest || !words.MatchString(name) {
			t.Fatalf("%q has %d characters: at most %d are allowed", name, len(name), longest)
		}
	})
}

func TestGlobalNamesCarryTheSubscription(t *testing.T) {
	d, other := newDriver(), newDriver()
	other.s.Subscription = "99999999-2222-3333-4444-555555555555"
	for kind, rule := range kinds {
		if apart := d.physical(kind, "a") != other.physical(kind, "a"); apart != rule.global {
			t.Errorf("%s: two subscriptions have names of their own: %t, want %t", kind, apart, rule.global)
		}
	}
	if name, hash := d.physical(KindNamespace), naming.Hash(testSubscription); !strings.HasSuffix(name, hash) {
		t.Errorf("%q does not end with %q", name, hash)
	}
}
