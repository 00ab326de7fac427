package contract

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/alarms"
	"platform/components/gateway"
	"platform/components/gcp"
	"platform/components/tags"
	"platform/tests/cloud"
	"platform/tests/rehearsal"
)

func gcpDoors() gateway.Args {
	return gateway.Args{
		Domain: "dev.example.com", Zone: "example-com", LogDays: 7, Tags: owned,
		Audiences: map[string]gateway.Audience{
			"mobile":  {Auth: gateway.JWT, Issuer: "https://login.example.com/", Audiences: []string{"app"}},
			"partner": {Auth: gateway.JWT, Issuer: "https://partners.example.com/", Audiences: []string{"partner"}},
		},
		Routes: []gateway.Route{
			{Service: "payments", Path: "/payments", Audiences: []string{"mobile", "partner"}, Rate: 200, Burst: 400},
			{Service: "ledger", Path: "/ledger", Audiences: []string{"partner"}, Rate: 5, Burst: 5},
		},
	}
}

// withDoors builds doors of changeable arguments, and alarms for them.
func withDoors(t *testing.T, args *gateway.Args) *rehearsal.Environment {
	return onGCP(t, func(ctx *pulumi.Context, d *gcp.Driver, opts ...pulumi.ResourceOption) error {
		doors, err := gateway.New(ctx, "gateway", d, *args, opts...)
		if err != nil {
			return err
		}
		apis := map[string]alarms.API{}
		for audience := range args.Audiences {
			apis[audience] = alarms.API{Team: "orders", ID: doors.Outputs.APIs[audience], Tags: owned}
		}
		_, err = alarms.New(ctx, "alarms", d, alarms.Args{
			Tags: owned, Bounds: alarms.Bounds{}.Complete(), APIs: apis,
			Teams: map[string]alarms.Team{"orders": {Email: "orders@example.com", Tags: owned}, "ledger": {Tags: owned}},
			Databases: map[string]alarms.Database{"payments": {
				Team: "orders", Name: pulumi.String("dev-gcp-payments").ToStringOutput(), ConnectionLimit: 400, StorageGiB: 20, Tags: owned,
			}},
			Queues: map[string]alarms.Queue{"order-placed-payments": {
				Team: "ledger", Name: pulumi.String("live").ToStringOutput(), DeadLetterName: pulumi.String("dead").ToStringOutput(),
				Tags: owned,
			}},
		}, opts...)
		return err
	})
}

func TestDoorsOnGoogleCloudAreBuiltDestroyedAndRebuilt(t *testing.T) {
	t.Parallel()
	args := gcpDoors()
	e := withDoors(t, &args)
	// Nothing is known yet, not even the addresses.
	if _, err := e.Preview(t.Context()); err != nil {
		t.Fatal(err)
	}
	built := lifecycle(t, e)
	for typ, want := range map[string]int{
		"gcp:apigateway/api:Api": 2, "gcp:apigateway/apiConfig:ApiConfig": 2, "gcp:apigateway/gateway:Gateway": 2,
		"gcp:projects/apiKey:ApiKey": 2, "gcp:certificatemanager/certificate:Certificate": 2, "gcp:dns/recordSet:RecordSet": 4,
		"gcp:compute/globalForwardingRule:GlobalForwardingRule": 2, "gcp:compute/securityPolicy:SecurityPolicy": 2,
		"gcp:logging/projectBucketConfig:ProjectBucketConfig": 1, "gcp:monitoring/alertPolicy:AlertPolicy": 10,
		"gcp:monitoring/notificationChannel:NotificationChannel": 1,
		// Google's own: the services behind the APIs.
		"servicemanagement:service": 2,
	} {
		if got := count(built, typ); got != want {
			t.Errorf("%s: %d exist, want %d", typ, got, want)
		}
	}
	for _, o := range built {
		if missing := tags.Set(o.Tags).Missing(); e.Cloud.Taggable(o.Type) && len(missing) > 0 {
			t.Errorf("%s lacks the labels %v", o, missing)
		}
		switch o.Type {
		case "gcp:certificatemanager/certificate:Certificate":
			if !o.Bool("issued") {
				t.Errorf("%s waits for its proof", o)
			}
		case "gcp:compute/backendService:BackendService":
			if o.Str("securityPolicy") == "" || !o.Bool("logConfig.enable") {
				t.Errorf("%s lets everything through, or tells nothing", o)
			}
		case "gcp:compute/targetHttpsProxy:TargetHttpsProxy":
			if o.Str("sslPolicy") == "" {
				t.Errorf("%s speaks old TLS", o)
			}
		case "gcp:compute/uRLMap:URLMap":
			if got := o.Str("headerAction.requestHeadersToAdds.1.headerValue"); !strings.HasPrefix(got, "AIza") {
				t.Errorf("%s adds the key %q", o, got)
			}
			if len(o.Secrets) == 0 {
				t.Errorf("%s tells the key", o)
			}
		}
	}
}

// A config is never changed: the next one is made, the gateway moves over, and only then the old one goes.
func TestAChangedRouteMakesANewConfigAndKeepsTheGateway(t *testing.T) {
	t.Parallel()
	args := gcpDoors()
	e := withDoors(t, &args)
	if _, err := e.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := byType(e.Cloud.Inventory(), "gcp:apigateway/gateway:Gateway")
	args.Routes = append(args.Routes, gateway.Route{Service: "orders", Path: "/orders", Audiences: []string{"mobile"}, Rate: 10, Burst: 10})
	if _, err := e.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := byType(e.Cloud.Inventory(), "gcp:apigateway/gateway:Gateway")
	for id, gateway := range before {
		moved := strings.Contains(id, "mobile")
		if after[id] == nil || (after[id].Str("apiConfig") != gateway.Str("apiConfig")) != moved {
			t.Errorf("%s serves %s, before %s", id, after[id].Str("apiConfig"), gateway.Str("apiConfig"))
		}
	}
	if got := count(e.Cloud.Inventory(), "gcp:apigateway/apiConfig:ApiConfig"); got != 2 {
		t.Errorf("%d configs are there, want 2", got)
	}
}

// Another domain needs another certificate while the old one is in use.
func TestAnotherDomainIsPossibleWithoutDestroyingTheDoors(t *testing.T) {
	t.Parallel()
	args := gcpDoors()
	e := withDoors(t, &args)
	if _, err := e.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	args.Domain = "new.example.com"
	if _, err := e.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, o := range byType(e.Cloud.Inventory(), "gcp:certificatemanager/certificate:Certificate") {
		if !o.Bool("issued") || !strings.HasSuffix(o.List("managed.domains")[0], ".new.example.com") {
			t.Errorf("%s is for %v", o, o.List("managed.domains"))
		}
	}
}

// An audience that goes and comes back within the 30 days for which Google keeps its service.
func TestAnAudienceMayComeBack(t *testing.T) {
	t.Parallel()
	args := gcpDoors()
	e := withDoors(t, &args)
	partner, routes := args.Audiences["partner"], args.Routes
	for _, with := range []bool{true, false, true} {
		args.Routes = slices.Clone(routes[:1])
		args.Routes[0].Audiences = []string{"mobile"}
		delete(args.Audiences, "partner")
		if with {
			args.Audiences["partner"] = partner
		}
		if _, err := e.Up(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := count(e.Cloud.Inventory(), "servicemanagement:service"); got != 3 {
		t.Errorf("%d services are there or kept, want 3", got)
	}
}

func TestWhatGoogleCloudsDoorsRefuse(t *testing.T) {
	t.Parallel()
	zone := gcpDoors()
	zone.Zone = "nobodys"
	crowded := gcpDoors()
	for _, path := range strings.Fields("/a /b /c /d /e /f /g /h /i /j") {
		crowded.Routes = append(crowded.Routes, gateway.Route{Service: "many", Path: path, Audiences: []string{"mobile", "partner"}, Rate: 1, Burst: 1})
	}
	many := gcpDoors()
	for _, audience := range strings.Fields("a b c d e f g h i") {
		many.Audiences[audience] = many.Audiences["mobile"]
	}
	mutual := gcpDoors()
	mutual.Audiences["partner"] = gateway.Audience{Auth: gateway.MutualTLS, TrustStore: authority(t)}
	for name, test := range map[string]struct {
		args gateway.Args
		want string
	}{
		"a zone that is not there":               {zone, `"nobodys" does not exist`},
		"more rules than a new project may have": {crowded, "quota 'SECURITY_POLICY_CEVAL_RULES' exceeded"},
		"more doors than a new project may have": {many, "the quota per account is 10"},
		"client certificates":                    {mutual, `audiences.partner.auth: value "mutual-tls": one of [jwt] is allowed`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := withDoors(t, &test.args).Up(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %s", err, test.want)
			}
		})
	}
}

// What something else leads to or is made of cannot go before it.
func TestWhatADoorIsMadeOfDoesNotGoBeforeIt(t *testing.T) {
	t.Parallel()
	args := gcpDoors()
	e := withDoors(t, &args)
	if _, err := e.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	for typ, holder := range map[string]string{
		"gcp:apigateway/api:Api": "apiConfig:ApiConfig", "gcp:apigateway/apiConfig:ApiConfig": "gateway:Gateway",
		"gcp:compute/targetHttpsProxy:TargetHttpsProxy": "globalForwardingRule", "gcp:compute/uRLMap:URLMap": "targetHttpsProxy",
		"gcp:certificatemanager/certificateMap:CertificateMap": "certificateMapEntry", "gcp:compute/globalAddress:GlobalAddress": "globalForwardingRule",
		"gcp:compute/backendService:BackendService": "uRLMap", "gcp:compute/securityPolicy:SecurityPolicy": "backendService",
		"gcp:certificatemanager/certificate:Certificate":                    "certificateMapEntry",
		"gcp:certificatemanager/dnsAuthorization:DnsAuthorization":          "certificate:Certificate",
		"gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup": "backendService",
		"gcp:monitoring/notificationChannel:NotificationChannel":            "alertPolicy",
	} {
		for _, o := range byType(e.Cloud.Inventory(), typ) {
			err := e.Cloud.Meddle(func(t *cloud.Tx) error { return t.Release(o.Key()) })
			if !cloud.Refused(err, "DependencyViolation") || !strings.Contains(err.Error(), holder) {
				t.Errorf("%s: error is %v, want one that names %s", o, err, holder)
			}
		}
	}
}

func byType(objects []*cloud.Object, typ string) map[string]*cloud.Object {
	found := map[string]*cloud.Object{}
	for _, o := range objects {
		if o.Type == typ {
			found[o.ID] = o
		}
	}
	return found
}
