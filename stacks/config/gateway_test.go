package config_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"platform/components/gateway"
	"platform/stacks/config"
	"platform/stacks/platform"
)

// changed reads a committed environment whose file is changed.
func changed(t *testing.T, name string, changes ...[2]string) (config.Settings, error) {
	t.Helper()
	raw, err := os.ReadFile("../Pulumi." + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, change := range changes {
		if !strings.Contains(text, change[0]) {
			t.Fatalf("the file has no %q", change[0])
		}
		text = strings.Replace(text, change[0], change[1], 1)
	}
	return config.FromFile(fstest.MapFS{"Pulumi.dev.yaml": {Data: []byte(text)}}, "dev", platform.Offers)
}

func TestDoorsAreTheCloudsOwnUnlessTheFileSaysOtherwise(t *testing.T) {
	s, err := changed(t, "dev-aws")
	if err != nil || s.Gateway.Kind != gateway.Managed || s.Gateway.Replicas != 1 {
		t.Errorf("got %+v (%v), want managed doors before an ingress of one pod", s.Gateway, err)
	}
	s, err = changed(t, "dev-aws", [2]string{"      replicas: 1\n      logDays", "      logDays"})
	if err != nil || s.Gateway.Replicas != 2 {
		t.Errorf("got %+v (%v), want an ingress of two pods", s.Gateway, err)
	}
	s, err = changed(t, "dev-gcp", [2]string{"      replicas: 1\n", ""})
	if err != nil || s.Gateway.Kind != gateway.Kong || s.Gateway.Replicas != 2 {
		t.Errorf("got %+v (%v), want Kong in two pods", s.Gateway, err)
	}
	if days := s.LogDays(); len(days) != 2 {
		t.Errorf("days of logs are %v, want those of network and cluster", days)
	}
}

// TestWhatIsOfTheOtherKindIsRefused wants every fault at once, with its path.
func TestWhatIsOfTheOtherKindIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		environment string
		changes     [][2]string
		want        string
	}{
		"no such kind": {"dev-aws", [][2]string{{"    gateway:\n", "    gateway:\n      kind: nginx\n"}}, `gateway.kind: value "nginx": one of [managed kong] is allowed`},
		"managed, with all of Kong's": {
			"dev-aws", [][2]string{{"      replicas: 1\n      logDays", "      replicas: 21\n      sources: [203.0.113.0/24]\n      logDays"}, {"audiences: [mobile]}", "audiences: [mobile], keys: {a: PEM}}"}},
			`gateway.audiences.mobile.keys: value "[a]": nothing is allowed: doors of kind managed ask the issuer for its keys
gateway.replicas: value "21": 1 to 20 is allowed
gateway.sources: value "[203.0.113.0/24]": nothing is allowed: doors of kind managed are open to everybody who proves who calls`,
		},
		"managed, without a mesh": {
			"dev-aws", [][2]string{{"mesh: {kind: istio, replicas: 1}", "mesh: {kind: none}"}},
			`mesh.kind: value "none": "istio" is allowed with doors of kind managed: what they lead to in the cluster is a proxy of the mesh; without one, let gateway.kind be kong`,
		},
		"managed, by a public name, without an authority": {
			"prod-gcp", [][2]string{{"      acme: {server: \"https://acme-v02.api.letsencrypt.org/directory\", email: platform@example.com}\n", ""}},
			`certificates.acme: an authority that everybody knows is needed: doors of kind managed reach the cluster by a public name, and it signs that name's certificate`,
		},
		"managed, with keys of callers": {
			"prod-gcp", [][2]string{{"partner: {auth: jwt", "partner: {auth: key, callers: [acme]}\n        other: {auth: jwt"}}, `gateway.audiences.partner.auth: value "key": one of [jwt] is allowed`,
		},
		"Kong, with days of logs, without an authority": {
			"dev-gcp", [][2]string{
				{"      kind: kong\n      replicas: 1\n", "      kind: kong\n      replicas: 21\n      logDays: 7\n      sources: [0.0.0.0/0]\n"},
				{"      acme: {server: \"https://acme-staging-v02.api.letsencrypt.org/directory\", email: platform@example.com}\n", ""},
				{"callers: [acme, globex]", "callers: []"},
			},
			`certificates.acme: an authority that everybody knows is needed: it signs the certificates of the doors of kind kong
gateway.audiences.partner.callers: keys need callers who have one, by name
gateway.logDays: value "7": nothing is allowed: these doors log to their pods' output, and whoever collects that says how long it is kept
gateway.replicas: value "21": 1 to 20 is allowed
gateway.sources[0]: value "0.0.0.0/0": a range of IPv4 without host bits is allowed; for everybody, name none`,
		},
		"Kong, without an issuer's keys": {
			"dev-aws", [][2]string{{"    gateway:\n      replicas: 1\n      logDays: 7\n", "    gateway:\n      kind: kong\n"}},
			`gateway.audiences.mobile.keys: doors of kind kong do not ask the issuer for its public keys: at least one is needed, by the name that tokens call it
gateway.audiences.partner.keys: doors of kind kong do not ask the issuer for its public keys: at least one is needed, by the name that tokens call it
gateway.audiences.staff.keys: doors of kind kong do not ask the issuer for its public keys: at least one is needed, by the name that tokens call it`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := changed(t, test.environment, test.changes...)
			want := "Pulumi.dev.yaml has faults, nothing was built:\n" + test.want
			if err == nil || err.Error() != want {
				t.Errorf("got\n%v\nwant\n%s", err, want)
			}
		})
	}
}
