package azure

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"platform/components/gateway"
)

// authority makes a self-signed authority in PEM form.
func authority(t *testing.T, name string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// madeUp is a trust store of two certificates whose thumbprints are known, which is all that a policy needs of
// them.
var madeUp = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("one")})) +
	string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("two")}))

func doors() gateway.Args {
	return gateway.Args{
		Domain: "dev.example.com",
		Audiences: map[string]gateway.Audience{
			"mobile":  {Auth: gateway.JWT, Issuer: "https://login.example.com/", Audiences: []string{"app", "<web>"}},
			"partner": {Auth: gateway.MutualTLS, TrustStore: madeUp},
		},
		Routes: []gateway.Route{
			{Service: "payments", Path: "/payments", Audiences: []string{"mobile"}, Rate: 200, Burst: 400},
			{Service: "payments", Path: "/payments", Audiences: []string{"partner"}, Rate: 50, Burst: 20},
			{Service: "ledger", Path: "/ledger/entries", Audiences: []string{"partner"}, Rate: 5, Burst: 5},
		},
	}
}

func TestTheHostNameDecidesAboutTheProof(t *testing.T) {
	got, err := servicePolicy(doors())
	if err != nil {
		t.Fatal(err)
	}
	want := `<policies>
  <inbound>
    <choose>
      <when condition="@(context.Request.OriginalUrl.Host == &#34;mobile.dev.example.com&#34;)">
        <validate-jwt header-name="Authorization" require-scheme="Bearer" require-expiration-time="true" require-signed-tokens="true" failed-validation-httpcode="401">
          <openid-config url="https://login.example.com/.well-known/openid-configuration" />
          <audiences>
            <audience>app</audience>
            <audience>&lt;web&gt;</audience>
          </audiences>
          <issuers>
            <issuer>https://login.example.com/</issuer>
          </issuers>
        </validate-jwt>
        <set-header name="X-Audience" exists-action="override">
          <value>mobile</value>
        </set-header>
      </when>
      <when condition="@(context.Request.OriginalUrl.Host == &#34;partner.dev.example.com&#34;)">
        <validate-client-certificate validate-revocation="false" validate-trust="true" validate-not-before="true" validate-not-after="true" ignore-error="false">
          <identities>
            <identity issuer-thumbprint="FE05BCDCDC4928012781A5F1A2A77CBB5398E106" />
            <identity issuer-thumbprint="AD782ECDAC770FC6EB9A62E44F90873FB97FB26B" />
          </identities>
        </validate-client-certificate>
        <set-header name="X-Audience" exists-action="override">
          <value>partner</value>
        </set-header>
      </when>
      <otherwise>
        <return-response>
          <set-status code="404" reason="Not Found" />
        </return-response>
      </otherwise>
    </choose>
    <set-backend-service backend-id="ingress" />
  </inbound>
  <backend>
    <forward-request timeout="30" />
  </backend>
  <outbound />
  <on-error />
</policies>
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAPathHasARateForEachOfItsAudiences(t *testing.T) {
	args := doors()
	want := `<policies>
  <inbound>
    <base />
    <choose>
      <when condition="@(context.Request.OriginalUrl.Host == &#34;mobile.dev.example.com&#34;)">
        <rate-limit-by-key calls="400" renewal-period="2" counter-key="mobile /payments" />
      </when>
      <when condition="@(context.Request.OriginalUrl.Host == &#34;partner.dev.example.com&#34;)">
        <rate-limit-by-key calls="20" renewal-period="1" counter-key="partner /payments" />
      </when>
      <otherwise>
        <return-response>
          <set-status code="404" reason="Not Found" />
        </return-response>
      </otherwise>
    </choose>
    <rewrite-uri template="@(context.Request.OriginalUrl.Path)" />
  </inbound>
  <backend>
    <base />
  </backend>
  <outbound>
    <base />
  </outbound>
  <on-error>
    <base />
  </on-error>
</policies>
`
	if got := routePolicy("/payments", args.Routes[:2], args); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := routePolicy("/ledger/entries", args.Routes[2:], args); strings.Contains(got, "mobile") {
		t.Errorf("the ledger is not for mobile callers, but its policy is\n%s", got)
	}
}

func TestAWindowExceedsNeitherRateNorBurst(t *testing.T) {
	for _, test := range []struct {
		name                        string
		rate, burst, calls, seconds int
	}{
		{"at once what two seconds may bring", 200, 400, 400, 2},
		{"the same number", 5, 5, 5, 1},
		{"less at once than in a second", 50, 20, 20, 1},
		{"not a multiple", 100, 250, 200, 2},
		{"the longest window", 1, 5000, 300, 300},
	} {
		t.Run(test.name, func(t *testing.T) {
			if calls, seconds := window(test.rate, test.burst); calls != test.calls || seconds != test.seconds {
				t.Errorf("%d calls in %d s, want %d in %d s", calls, seconds, test.calls, test.seconds)
			}
		})
	}
}

func TestAWholePathTakesEveryMethod(t *testing.T) {
	text, err := routeDocument("/payments")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Paths map[string]map[string]struct{ OperationID string }
	}
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for path, role := range map[string]string{"/": "itself", "/*": "below"} {
		for _, method := range methods {
			id := document.Paths[path][method].OperationID
			if id != role+"-"+method || seen[id] {
				t.Errorf("%s %s is %q", method, path, id)
			}
			seen[id] = true
		}
	}
	if len(seen) != 14 {
		t.Errorf("%d operations, want 14", len(seen))
	}
}

func TestTooManyAuthoritiesAreRefused(t *testing.T) {
	args, store := doors(), ""
	for i := range maxAuthorities + 1 {
		store += string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte{byte(i)}}))
	}
	args.Audiences["partner"] = gateway.Audience{Auth: gateway.MutualTLS, TrustStore: store}
	want := "audience partner: the trust stores hold 11 authorities: API Management takes 10"
	if _, err := servicePolicy(args); err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
}
