package gateway_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"platform/components/gateway"
	"platform/components/limit"
)

var offer = gateway.Offer{Auths: gateway.Auths, Rate: limit.Range{Least: 1, Most: 10000}, Burst: limit.Range{Least: 1, Most: 5000}}

// certificate makes a self-signed certificate in PEM form.
func certificate(t *testing.T, name string, curve elliptic.Curve, ca bool) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		BasicConstraintsValid: true, IsCA: ca,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func valid(t *testing.T) gateway.Args {
	t.Helper()
	return gateway.Args{
		Domain: "dev.example.com", Zone: "Z0123456789ABCDEFGHIJ", LogDays: 30,
		Audiences: map[string]gateway.Audience{
			"mobile":  {Auth: gateway.JWT, Issuer: "https://login.example.com/", Audiences: []string{"app"}},
			"partner": {Auth: gateway.MutualTLS, TrustStore: certificate(t, "partners", elliptic.P256(), true)},
		},
		Routes: []gateway.Route{
			{Service: "payments", Path: "/payments", Audiences: []string{"mobile"}, Rate: 200, Burst: 400},
			{Service: "payments", Path: "/payments", Audiences: []string{"partner"}, Rate: 50, Burst: 50},
			{Service: "payments", Path: "/payments/refunds", Audiences: []string{"mobile"}, Rate: 5, Burst: 5},
			{Service: "ledger", Path: "/payments-ledger", Audiences: []string{"partner"}, Rate: 5, Burst: 5},
		},
	}
}

func TestValidArgsHaveNoFault(t *testing.T) {
	if err := valid(t).Validate(offer); err != nil {
		t.Error(err)
	}
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	args := gateway.Args{
		Domain: "Dev.example", LogDays: 0,
		Audiences: map[string]gateway.Audience{
			"Mobile": {Auth: "password"},
			"origin": {Auth: gateway.JWT, Issuer: "http://login.example.com", TrustStore: "x"},
			"shop":   {Auth: gateway.MutualTLS, Issuer: "https://x.example", Audiences: []string{"a"}},
		},
		Routes: []gateway.Route{
			{Service: "Pay", Path: "payments/", Audiences: []string{"shop", "nobody", "shop"}, Rate: 0, Burst: 5001},
			{Service: "ledger", Path: "/ledger", Rate: 10001, Burst: 1},
		},
	}
	err := args.Validate(offer)
	if err == nil {
		t.Fatal("accepted")
	}
	want := []string{
		`domain: value "Dev.example": a lower-case domain name such as dev.example.com is allowed`,
		`zone: value "": the id of the zone of "Dev.example" must be set`,
		`logDays: value "0": at least 1 is allowed`,
		`audiences.Mobile: value "Mobile": lower-case words joined by hyphens are allowed`,
		`audiences.Mobile.auth: value "password": one of [jwt mutual-tls key] is allowed`,
		`audiences.origin: value "origin": any name but this, which is that of the ingress, is allowed`,
		`audiences.origin.issuer: value "http://login.example.com": an https URL without user, query and fragment is allowed`,
		`audiences.origin.audiences: value "": at least one accepted audience claim must be set: without one any token of the issuer would do`,
		`audiences.origin.trustStore: value "PEM": nothing is allowed with auth jwt`,
		`audiences.shop.trustStore: value "": at least one certificate in PEM form must be set`,
		`audiences.shop.issuer: value "https://x.example": nothing is allowed with auth mutual-tls`,
		`audiences.shop.audiences: value "[a]": nothing is allowed with auth mutual-tls`,
		`routes[0].service: value "Pay": lower-case words joined by hyphens are allowed`,
		`routes[0].path: value "payments/": a path of lower-case words joined by hyphens, such as /payments/refunds, is allowed`,
		`routes[0].audiences[1]: value "nobody": one of [Mobile origin shop] is allowed`,
		`routes[0].audiences[2]: value "shop": each audience is named once`,
		`routes[0].rate: value 0: 1 to 10000 is allowed`,
		`routes[0].burst: value 5001: 1 to 5000 is allowed`,
		`routes[1].audiences: value "": at least one audience must be set`,
		`routes[1].rate: value 10001: 1 to 10000 is allowed`,
	}
	if got := strings.Split(err.Error(), "\n"); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestACertificateIsBroughtAlongOnlyWhereTheCloudIssuesNone(t *testing.T) {
	brought := offer
	brought.Certificate = true
	tests := map[string]struct {
		offer       gateway.Offer
		certificate string
		want        string
	}{
		"brought, missing": {brought, "", `certificate: value "": where a certificate of every door is kept must be set: this cloud issues none for them`},
		"issued, given":    {offer, "vault", `certificate: value "vault": nothing is allowed: this cloud issues the doors' certificates itself`},
		"brought, given":   {brought, "vault", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			args := valid(t)
			args.Certificate = test.certificate
			got := ""
			if err := args.Validate(test.offer); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// publicKey is of a pair whose other half nobody kept.
const publicKey = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8XDLY2S30AlCp5WmQBtOVhS+YP10
inh/8LHCj4TNM8n7BEqdyvpuREVpllLFUmjzHTx5ctfQnBrnlG98CThfcg==
-----END PUBLIC KEY-----
`

func TestAnIssuersKeysAreBroughtAlongOnlyWhereTheDoorsDoNotAskForThem(t *testing.T) {
	brought := offer
	brought.BringKeys = true
	for name, test := range map[string]struct {
		offer gateway.Offer
		keys  map[string]string
		want  string
	}{
		"brought, missing": {brought, nil, `audiences.mobile.keys: value "": at least one public key of the issuer must be set: these doors do not ask it for them`},
		"brought, given":   {brought, map[string]string{"2026-11": publicKey}, ""},
		"asked for, given": {offer, map[string]string{"2026-11": publicKey}, `audiences.mobile.keys: value "[2026-11]": nothing is allowed: these doors ask the issuer for its keys`},
		"two in one text":  {brought, map[string]string{"2026-11": publicKey + publicKey}, `audiences.mobile.keys.2026-11: value "PEM": one PUBLIC KEY in PEM form, and nothing beside it, is allowed`},
		"no name":          {brought, map[string]string{"": publicKey}, `audiences.mobile.keys: value "": 1 to 128 letters, digits and any of . _ = - are allowed as the name of a key`},
	} {
		t.Run(name, func(t *testing.T) {
			args, got := valid(t), ""
			mobile := args.Audiences["mobile"]
			mobile.Keys = test.keys
			args.Audiences["mobile"] = mobile
			if err := args.Validate(test.offer); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestLogsHaveDaysWhereTheDoorsKeepThem(t *testing.T) {
	elsewhere := offer
	elsewhere.LogsElsewhere = true
	args := valid(t)
	if err := args.Validate(elsewhere); err == nil || !strings.HasPrefix(err.Error(), `logDays: value "30": nothing is allowed`) {
		t.Errorf("got %v, want the days refused", err)
	}
	args.LogDays = 0
	if err := args.Validate(elsewhere); err != nil {
		t.Error(err)
	}
}

func TestOnePathBelongsToOneService(t *testing.T) {
	tests := map[string]struct {
		routes []gateway.Route
		want   string
	}{
		"two services, one path, even for different audiences": {
			[]gateway.Route{
				{Service: "a", Path: "/x", Audiences: []string{"mobile"}}, {Service: "b", Path: "/x", Audiences: []string{"partner"}},
			},
			`routes[1].path: value "/x": a path apart from /x of a (routes[0]) is allowed`,
		},
		"a service below another's path": {
			[]gateway.Route{
				{Service: "a", Path: "/x", Audiences: []string{"mobile"}}, {Service: "b", Path: "/x/y", Audiences: []string{"mobile"}},
			},
			`routes[1].path: value "/x/y": a path apart from /x of a (routes[0]) is allowed`,
		},
		"a service above another's path": {
			[]gateway.Route{
				{Service: "a", Path: "/x/y", Audiences: []string{"mobile"}}, {Service: "b", Path: "/x", Audiences: []string{"mobile"}},
			},
			`routes[1].path: value "/x": a path apart from /x/y of a (routes[0]) is allowed`,
		},
		"two rates for one audience": {
			[]gateway.Route{
				{Service: "a", Path: "/x", Audiences: []string{"mobile"}}, {Service: "a", Path: "/x", Audiences: []string{"mobile"}},
			},
			`routes[1].path: value "/x": one route for each path and audience is allowed, routes[0] is another`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			args := valid(t)
			for i := range test.routes {
				test.routes[i].Rate, test.routes[i].Burst = 1, 1
			}
			args.Routes = test.routes
			if err := args.Validate(offer); err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestTrustStoreHoldsAuthoritiesOnly(t *testing.T) {
	authority := certificate(t, "partners", elliptic.P256(), true)
	tests := map[string]struct{ store, want string }{
		"not PEM":          {"partners", `: value "": at least one certificate in PEM form must be set`},
		"not X.509":        {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", `[0]: value "CERTIFICATE": an X.509 certificate is allowed`},
		"a key among them": {authority + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", `[1]: value "PRIVATE KEY": a CERTIFICATE is allowed`},
		"a client's own": {
			certificate(t, "client", elliptic.P256(), false),
			`[0]: value "CN=client": the certificate of an authority is allowed: this one may not sign others`,
		},
		"a curve that AWS does not take": {
			certificate(t, "partners", elliptic.P521(), true),
			`[0]: value "CN=partners": the curves P-256 and P-384 are allowed, this is P-521`,
		},
		"a cut off end": {authority + "-----BEGIN CERT", `: value "text": nothing after the last certificate is allowed`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			args := valid(t)
			args.Audiences["partner"] = gateway.Audience{Auth: gateway.MutualTLS, TrustStore: test.store}
			err := args.Validate(offer)
			if err == nil || !strings.HasPrefix(err.Error(), "audiences.partner.trustStore"+test.want) {
				t.Errorf("got  %v\nwant audiences.partner.trustStore%s", err, test.want)
			}
		})
	}
}

func TestAHostThatNoCertificateFitsIsRefused(t *testing.T) {
	args := valid(t)
	args.Domain = strings.Repeat("a", 54) + ".com"
	want := `audiences.partner: value "partner.` + args.Domain + `": a host name of at most 64 characters is allowed`
	if err := args.Validate(offer); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestADoorIsOneLabelBelowTheDomain(t *testing.T) {
	args := valid(t)
	args.Domain = "dev.example.com"
	if got := args.Host("mobile"); got != "mobile.dev.example.com" {
		t.Errorf("the door of the domain's own environment is %s", got)
	}
	args.Label = "pr-123"
	if got := args.Host("mobile"); got != "mobile-pr-123.dev.example.com" {
		t.Errorf("the door of an environment beside it is %s", got)
	}
	args.Label = "PR 123"
	if err := args.Validate(offer); err == nil || !strings.Contains(err.Error(), `label: value "PR 123": lower-case words`) {
		t.Errorf("got %v, want the label named", err)
	}
}
