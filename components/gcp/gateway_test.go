package gcp

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
	"platform/components/internal/record"
)

func recordGateway(t *testing.T) record.Resources {
	t.Helper()
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := gateway.New(ctx, "gateway", d, doorArgs())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return resources
}

// properties makes a property map of a document with only texts, numbers, truth values, lists and objects.
func properties(m map[string]any) resource.PropertyMap { return resource.NewPropertyMapFromMap(m) }

func TestALoadBalancerLeadsToItsAudiencesGateway(t *testing.T) {
	resources := recordGateway(t)
	const physical = "dev-gcp-gateway-mobile"
	record.Exactly(t, resources, "gcp:compute/globalAddress:GlobalAddress "+physical, map[string]any{
		"project": "platform-dev", "addressType": "EXTERNAL", "ipVersion": "IPV4", "description": "Door of audience mobile", "labels": map[string]any{},
	})
	record.Exactly(t, resources, "gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup gateway-mobile-endpoints", map[string]any{
		"project": "platform-dev", "name": physical, "region": "europe-west1", "networkEndpointType": "SERVERLESS",
		"serverlessDeployment": map[string]any{"platform": "apigateway.googleapis.com", "resource": physical},
	})
	record.Exactly(t, resources, "gcp:compute/backendService:BackendService gateway-mobile-backend", map[string]any{
		"project": "platform-dev", "name": physical, "protocol": "HTTPS", "loadBalancingScheme": "EXTERNAL_MANAGED",
		"backends":       []any{map[string]any{"group": "id-gateway-mobile-endpoints"}},
		"securityPolicy": "id-gateway-mobile-armor", "logConfig": map[string]any{"enable": true, "sampleRate": 1.0},
	})
	record.Exactly(t, resources, "gcp:compute/targetHttpsProxy:TargetHttpsProxy gateway-mobile-proxy", map[string]any{
		"project": "platform-dev", "name": physical, "urlMap": "id-gateway-mobile-routes", "sslPolicy": "id-gateway-tls",
		"certificateMap": "//certificatemanager.googleapis.com/id-gateway-mobile-certificates",
	})
	record.Exactly(t, resources, "gcp:compute/globalForwardingRule:GlobalForwardingRule gateway-mobile-rule", map[string]any{
		"project": "platform-dev", "name": physical, "target": "id-gateway-mobile-proxy", "ipAddress": "34.1.2.3", "ipProtocol": "TCP",
		"portRange": "443", "loadBalancingScheme": "EXTERNAL_MANAGED", "labels": map[string]any{},
	})
	record.Exactly(t, resources, "gcp:compute/sSLPolicy:SSLPolicy gateway-tls", map[string]any{
		"project": "platform-dev", "name": "dev-gcp-gateway-tls", "profile": "MODERN", "minTlsVersion": "TLS_1_2",
	})
	record.Exactly(t, resources, "gcp:dns/recordSet:RecordSet gateway-mobile-record", map[string]any{
		"project": "platform-dev", "managedZone": "dev-example-com", "name": "mobile.dev.example.com.", "type": "A", "ttl": 300.0,
		"rrdatas": []any{"34.1.2.3"},
	})
}

func TestTheLoadBalancerProvesItselfAndTheAudience(t *testing.T) {
	routes := recordGateway(t)["gcp:compute/uRLMap:URLMap gateway-mobile-routes"]
	if !routes.ContainsSecrets() {
		t.Error("the key is not secret")
	}
	want := properties(map[string]any{
		"project": "platform-dev", "name": "dev-gcp-gateway-mobile", "defaultService": "id-gateway-mobile-backend",
		"headerAction": map[string]any{"requestHeadersToAdds": []any{
			map[string]any{"headerName": "X-Audience", "headerValue": "mobile", "replace": true},
			map[string]any{"headerName": "x-api-key", "headerValue": "opensesame", "replace": true},
		}},
	})
	if got := open(resource.NewProperty(routes)); !got.DeepEquals(resource.NewProperty(want)) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// open takes secrets out of their covers.
func open(v resource.PropertyValue) resource.PropertyValue {
	switch {
	case v.IsSecret():
		return open(v.SecretValue().Element)
	case v.IsOutput():
		return open(v.OutputValue().Element)
	case v.IsArray():
		var out []resource.PropertyValue
		for _, e := range v.ArrayValue() {
			out = append(out, open(e))
		}
		return resource.NewProperty(out)
	case v.IsObject():
		out := resource.PropertyMap{}
		for k, e := range v.ObjectValue() {
			out[k] = open(e)
		}
		return resource.NewProperty(out)
	}
	return v
}

func TestAnAPIHasAFreshNameAndAnAccountOfItsOwn(t *testing.T) {
	resources := recordGateway(t)
	const physical = "dev-gcp-gateway-mobile"
	// The recorder gives the address the name that it was registered by; the engine appends random text.
	record.Exactly(t, resources, "gcp:apigateway/api:Api gateway-mobile", map[string]any{
		"project": "platform-dev", "apiId": physical, "displayName": "Door of audience mobile", "labels": map[string]any{},
	})
	config := resources["gcp:apigateway/apiConfig:ApiConfig gateway-mobile-config"]
	if got := config["apiConfigIdPrefix"].StringValue(); got != physical+"-" {
		t.Errorf("the config's name begins with %q", got)
	}
	if got := config["gatewayConfig"].ObjectValue()["backendConfig"].ObjectValue()["googleServiceAccount"].StringValue(); got != "door@platform-dev.iam.gserviceaccount.com" {
		t.Errorf("the gateway works as %q", got)
	}
	record.Exactly(t, resources, "gcp:serviceaccount/account:Account gateway-mobile-account", map[string]any{
		"project": "platform-dev", "accountId": physical, "displayName": "Door of audience mobile",
	})
	record.Exactly(t, resources, "gcp:apigateway/gateway:Gateway gateway-mobile-gateway", map[string]any{
		"project": "platform-dev", "region": "europe-west1", "gatewayId": physical, "apiConfig": "id-gateway-mobile-config",
		"displayName": "Door of audience mobile", "labels": map[string]any{},
	})
	record.Exactly(t, resources, "gcp:projects/service:Service gateway-mobile-service", map[string]any{
		"project": "platform-dev", "service": "doors.cloud.goog", "disableOnDestroy": true,
	})
	record.Exactly(t, resources, "gcp:projects/apiKey:ApiKey "+physical, map[string]any{
		"project": "platform-dev", "displayName": "mobile",
		"restrictions": map[string]any{"apiTargets": []any{map[string]any{"service": "doors.cloud.goog"}}},
	})
}

func TestACertificateIsProvenByTheZone(t *testing.T) {
	resources := recordGateway(t)
	const physical = "dev-gcp-gateway-mobile"
	record.Exactly(t, resources, "gcp:certificatemanager/dnsAuthorization:DnsAuthorization "+physical, map[string]any{
		"project": "platform-dev", "domain": "mobile.dev.example.com", "labels": map[string]any{},
	})
	record.Exactly(t, resources, "gcp:dns/recordSet:RecordSet gateway-mobile-proof", map[string]any{
		"project": "platform-dev", "managedZone": "dev-example-com", "name": "_acme-challenge.host.", "type": "CNAME", "ttl": 300.0,
		"rrdatas": []any{"proof."},
	})
	record.Exactly(t, resources, "gcp:certificatemanager/certificate:Certificate "+physical, map[string]any{
		"project": "platform-dev", "labels": map[string]any{},
		"managed": map[string]any{"domains": []any{"mobile.dev.example.com"}, "dnsAuthorizations": []any{"id-" + physical}},
	})
	record.Exactly(t, resources, "gcp:certificatemanager/certificateMapEntry:CertificateMapEntry gateway-mobile-certificate", map[string]any{
		"project": "platform-dev", "name": physical, "map": physical, "certificates": []any{"id-" + physical}, "matcher": "PRIMARY",
		"labels": map[string]any{},
	})
}

func TestRequestsAreLoggedInTheRegionAndEncrypted(t *testing.T) {
	resources := recordGateway(t)
	record.Exactly(t, resources, "gcp:logging/projectBucketConfig:ProjectBucketConfig gateway-logs", map[string]any{
		"project": "platform-dev", "location": "europe-west3", "bucketId": "dev-gcp-gateway-0123abc", "retentionDays": 30.0,
		"description": "Requests at the doors of gateway", "cmekSettings": map[string]any{"kmsKeyName": "id-gateway-logs-key"},
	})
	const filter = `(resource.type="http_load_balancer" AND resource.labels.url_map_name=("dev-gcp-gateway-mobile" OR "dev-gcp-gateway-partner"))` +
		` OR (resource.type="apigateway.googleapis.com/Gateway" AND resource.labels.gateway_id=("dev-gcp-gateway-mobile" OR "dev-gcp-gateway-partner"))`
	record.Exactly(t, resources, "gcp:logging/projectSink:ProjectSink gateway-logs-sink", map[string]any{
		"project": "platform-dev", "name": "dev-gcp-gateway", "filter": filter, "description": "Keeps requests at the doors of gateway",
		"destination": "logging.googleapis.com/id-gateway-logs", "uniqueWriterIdentity": true,
	})
	if got := resources["gcp:logging/projectExclusion:ProjectExclusion gateway-logs-exclusion"]["filter"].StringValue(); got != filter {
		t.Errorf("the default bucket goes without %s", got)
	}
}

func TestEachAudienceHasItsOwnDoor(t *testing.T) {
	doors := map[string]int{}
	for key := range recordGateway(t) {
		typ, _, _ := strings.Cut(key, " ")
		doors[typ]++
	}
	for typ, want := range map[string]int{
		"gcp:apigateway/api:Api": 2, "gcp:apigateway/gateway:Gateway": 2, "gcp:compute/globalForwardingRule:GlobalForwardingRule": 2,
		"gcp:compute/securityPolicy:SecurityPolicy": 2, "gcp:compute/uRLMap:URLMap": 2, "gcp:compute/sSLPolicy:SSLPolicy": 1,
		"gcp:dns/recordSet:RecordSet": 4, "gcp:projects/apiKey:ApiKey": 2,
	} {
		if doors[typ] != want {
			t.Errorf("%s: %d are registered, want %d", typ, doors[typ], want)
		}
	}
}

func TestDoorsStandWhereAPIGatewayIsAndUnderTheSameLaw(t *testing.T) {
	for region, want := range map[string]string{
		"europe-west1": "europe-west1", "europe-west2": "europe-west2", "europe-west3": "europe-west1", "europe-north1": "europe-west1",
		"us-east4": "us-east4",
	} {
		if got, err := doorRegion(region); err != nil || got != want {
			t.Errorf("%s: the doors stand in %q, %v; want %s", region, got, err, want)
		}
	}
	for _, region := range []string{"europe-west6", "me-west1", "us-west1"} {
		if got, err := doorRegion(region); err == nil || !strings.HasPrefix(err.Error(), `region: value "`+region+`": API Gateway is not there`) {
			t.Errorf("%s: the doors stand in %q, %v", region, got, err)
		}
	}
}

func TestOnlyTokensAreOffered(t *testing.T) {
	args := doorArgs()
	args.Audiences["partner"] = gateway.Audience{Auth: gateway.MutualTLS, TrustStore: "x"}
	want := `audiences.partner.auth: value "mutual-tls": one of [jwt] is allowed`
	if err := args.Validate(New(Settings{}).GatewayOffer()); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
