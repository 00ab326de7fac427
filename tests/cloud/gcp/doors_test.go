package gcp_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"platform/tests/cloud"
)

const (
	api           = "gcp:apigateway/api:Api"
	config        = "gcp:apigateway/apiConfig:ApiConfig"
	apiGateway    = "gcp:apigateway/gateway:Gateway"
	apiKey        = "gcp:projects/apiKey:ApiKey"
	account       = "gcp:serviceaccount/account:Account"
	group         = "gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup"
	armor         = "gcp:compute/securityPolicy:SecurityPolicy"
	backend       = "gcp:compute/backendService:BackendService"
	urlMap        = "gcp:compute/uRLMap:URLMap"
	proxy         = "gcp:compute/targetHttpsProxy:TargetHttpsProxy"
	forwarding    = "gcp:compute/globalForwardingRule:GlobalForwardingRule"
	authorization = "gcp:certificatemanager/dnsAuthorization:DnsAuthorization"
	certificate   = "gcp:certificatemanager/certificate:Certificate"
	certificates  = "gcp:certificatemanager/certificateMap:CertificateMap"
	channel       = "gcp:monitoring/notificationChannel:NotificationChannel"
	alert         = "gcp:monitoring/alertPolicy:AlertPolicy"
)

const document = `{"swagger":"2.0","x-google-backend":{"address":"https://origin.example.com","path_translation":"APPEND_PATH_TO_ADDRESS"},
	"securityDefinitions":{"caller":{"type":"oauth2","x-google-issuer":"https://login.example.com/"},"balancer":{"type":"apiKey","name":"x-api-key","in":"header"}},
	"security":[{"caller":[],"balancer":[]}],
	"paths":{"/a":{"get":{"operationId":"get_a","responses":{"default":{}}}},"/a/{below=**}":{"get":{"operationId":"getBelow_a","responses":{"default":{}}}}}}`

// doorWorld has all that a forwarding rule leads to.
type doorWorld struct {
	*world
	api, config, gateway, backend, routes, proxy, address *cloud.Object
}

func newDoorWorld(t *testing.T) *doorWorld {
	t.Helper()
	w := &doorWorld{world: newWorld(t, "apigateway", "apikeys", "certificatemanager", "compute", "dns", "iam")}
	w.api = w.Have(api, values{"apiId": "door-1", "project": project})
	w.Have(account, values{"accountId": "door-account", "project": project})
	w.config = w.Have(config, w.withDocument(document), values{"apiConfigId": "one"})
	w.gateway = w.Have(apiGateway, w.served())
	made := w.Have(group, w.pointing())
	w.backend = w.Have(backend, values{"name": "door", "project": project, "protocol": "HTTPS", "loadBalancingScheme": "EXTERNAL_MANAGED", "backends": []any{values{"group": made.ID}}})
	w.routes = w.Have(urlMap, values{"name": "door", "project": project, "defaultService": w.backend.ID})
	all := w.Have(certificates, values{"name": "door", "project": project})
	w.proxy = w.Have(proxy, values{"name": "door", "project": project, "urlMap": w.routes.ID, "certificateMap": "//certificatemanager.googleapis.com/" + all.ID})
	w.address = w.Have(address, values{"name": "door", "project": project})
	return w
}

func (w *doorWorld) withDocument(text string) values {
	return values{
		"api": "door-1", "project": project,
		"gatewayConfig":    values{"backendConfig": values{"googleServiceAccount": "door-account@" + project + ".iam.gserviceaccount.com"}},
		"openapiDocuments": []any{values{"document": values{"path": "openapi.json", "contents": base64.StdEncoding.EncodeToString([]byte(text))}}},
	}
}

func (w *doorWorld) served() values {
	return values{"gatewayId": "door", "project": project, "region": "europe-west1", "apiConfig": w.config.ID}
}

func (w *doorWorld) pointing() values {
	return values{
		"name": "door", "project": project, "region": "europe-west1", "networkEndpointType": "SERVERLESS",
		"serverlessDeployment": values{"platform": "apigateway.googleapis.com", "resource": "door"},
	}
}

func (w *doorWorld) rule() values {
	return values{
		"name": "door", "project": project, "target": w.proxy.ID, "ipAddress": w.address.Str("address"), "ipProtocol": "TCP", "portRange": "443",
		"loadBalancingScheme": "EXTERNAL_MANAGED",
	}
}

func (w *doorWorld) refuses(t *testing.T, typ string, good values, cases map[string]refusal) {
	t.Helper()
	(&networkWorld{world: w.world}).refuses(t, typ, good, cases)
}

func TestADocumentIsRefused(t *testing.T) {
	w := newDoorWorld(t)
	for name, c := range map[string]struct{ old, new, want string }{
		"of another version":                  {`"2.0"`, `"3.0.0"`, "swagger"},
		"that calls its backend in the clear": {`"https://origin`, `"http://origin`, "over TLS"},
		"that asks for what is not defined":   {`{"caller":[],`, `{"called":[],`, "nothing would be asked for"},
		"that takes a key instead of a token": {`{"caller":[],"balancer":[]}`, `{"caller":[]},{"balancer":[]}`, "cannot be an alternative"},
		"with an issuer of nobody":            {`"x-google-issuer":"https://login.example.com/"`, `"flow":"implicit"`, "x-google-issuer must be set"},
		"with a key in another header":        {`"x-api-key"`, `"x-secret"`, "header x-api-key"},
		"with two operations of one name":     {`"getBelow_a"`, `"get_a"`, "one of its own"},
		"with a wildcard in the middle":       {`{below=**}`, `{below=**}/b`, "last segment"},
		"that is not JSON":                    {`{"swagger"`, `"swagger"`, "not an OpenAPI document"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(document, c.old, c.new, 1)
			_, err := w.Create(config, w.withDocument(text), values{"apiConfigIdPrefix": "next-"})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want one that says %q", err, c.want)
			}
		})
	}
	w.refuses(t, config, w.withDocument(document), map[string]refusal{
		"without a name":                   {values{}, "must be set"},
		"with two names":                   {values{"apiConfigId": "two", "apiConfigIdPrefix": "two-"}, "conflicts with"},
		"with too long a name to complete": {values{"apiConfigIdPrefix": strings.Repeat("n", 38)}, "at most 37"},
		"of an account that is not there":  {values{"apiConfigId": "two", "gatewayConfig": values{"backendConfig": values{"googleServiceAccount": "no@x"}}}, "does not exist"},
		"of an API that is not there":      {values{"apiConfigId": "two", "api": "door-2"}, "does not exist"},
	})
}

func TestAGatewayIsRefused(t *testing.T) {
	w := newDoorWorld(t)
	w.refuses(t, apiGateway, w.served(), map[string]refusal{
		"where API Gateway is not":        {values{"gatewayId": "b", "region": "europe-west3"}, "allowed are"},
		"by a name that is too long":      {values{"gatewayId": strings.Repeat("n", 50)}, "allowed are 49"},
		"by a name that is taken":         {values{}, "is taken by"},
		"with a config that is not there": {values{"gatewayId": "b", "apiConfig": "one"}, "does not exist"},
	})
	if want := "projects/" + project + "/locations/europe-west1/gateways/door"; w.gateway.ID != want {
		t.Errorf("the gateway's id is %s, want %s", w.gateway.ID, want)
	}
}

// Google keeps the service behind a deleted API for 30 days, and a deleted key as well.
func TestNamesOfAPIsAndKeysStayTaken(t *testing.T) {
	w := newWorld(t, "apigateway", "apikeys")
	for typ, inputs := range map[string]values{
		api: {"apiId": "again", "project": project}, apiKey: {"name": "again", "project": project},
	} {
		made := w.Have(typ, inputs)
		if err := w.Remove(made); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Create(typ, inputs); err == nil {
			t.Errorf("%s is made again by the name that is kept", typ)
		}
	}
	off := values{"name": "key", "project": project, "restrictions": values{"apiTargets": []any{values{"service": "nobody.apigateway.x.cloud.goog"}}}}
	if _, err := w.Create(apiKey, off); err == nil || !strings.Contains(err.Error(), "is not on in project") {
		t.Errorf("a key for a service that is off: error is %v", err)
	}
	if _, err := w.Create(api, values{"apiId": strings.Repeat("n", 50), "project": project}); err == nil || !strings.Contains(err.Error(), "is no host name") {
		t.Errorf("error is %v", err)
	}
}

func TestALoadBalancerIsRefused(t *testing.T) {
	w := newDoorWorld(t)
	w.refuses(t, group, w.pointing(), map[string]refusal{
		"that points to nobody":         {values{"name": "b", "serverlessDeployment": values{"platform": "apigateway.googleapis.com", "resource": "nobody"}}, "there is no gateway nobody"},
		"in another region":             {values{"name": "b", "region": "europe-west3"}, "there is no gateway door in europe-west3"},
		"that points to no gateway":     {values{"name": "b", "serverlessDeployment": values{"platform": "apigateway.googleapis.com"}}, "must name a gateway"},
		"of another of Google's things": {values{"name": "b", "serverlessDeployment": values{"platform": "run.googleapis.com"}}, "allowed are"},
	})
	backends := w.backend.Inputs
	w.refuses(t, backend, backends, map[string]refusal{
		"with a health check of what has none": {values{"name": "b", "healthChecks": "x"}, "healthChecks cannot be set"},
		"with a time limit of its own":         {values{"name": "b", "timeoutSec": 10.0}, "timeoutSec cannot be set"},
		"with a policy that is not there":      {values{"name": "b", "securityPolicy": "x"}, "does not exist"},
	})
	w.refuses(t, proxy, w.proxy.Inputs, map[string]refusal{
		"without a certificate":         {values{"name": "b", "certificateMap": nil}, "must be set"},
		"with a map by its bare name":   {values{"name": "b", "certificateMap": "door"}, "does not match"},
		"with a TLS policy of nobody's": {values{"name": "b", "sslPolicy": "x"}, "does not exist"},
	})
	w.refuses(t, forwarding, w.rule(), map[string]refusal{
		"of another kind of load balancer": {values{"loadBalancingScheme": "EXTERNAL"}, "cannot lead to"},
		"for an address that is not ours":  {values{"ipAddress": "198.18.0.1"}, "does not exist"},
		"to a proxy that is not there":     {values{"target": "x"}, "does not exist"},
		"with what labels may not hold":    {values{"labels": values{"team": "Big Team"}}, "does not match"},
	})
	w.Have(forwarding, w.rule())
	w.refuses(t, forwarding, w.rule(), map[string]refusal{
		"for an address and port that are taken": {values{"name": "b"}, "the address and port are those of"},
	})
}

func armorRule(priority float64, changes values) values {
	rule := values{"priority": priority, "action": "allow", "match": values{"versionedExpr": "SRC_IPS_V1", "config": values{"srcIpRanges": []any{"*"}}}}
	for name, value := range changes {
		rule[name] = value
	}
	return rule
}

func TestASecurityPolicyIsRefused(t *testing.T) {
	w := newWorld(t, "compute")
	last := armorRule(2147483647, values{"action": "deny(404)"})
	expr := func(text string) values { return values{"match": values{"expr": values{"expression": text}}} }
	rate := func(count, seconds float64) values {
		return values{"conformAction": "allow", "exceedAction": "deny(429)", "rateLimitThreshold": values{"count": count, "intervalSec": seconds}}
	}
	good := values{"name": "armor", "project": project, "rules": []any{last}}
	with := func(rules ...any) values { return values{"rules": append(rules, last)} }
	many := []any{}
	for i := range 21 {
		many = append(many, armorRule(float64(i), expr("request.path == '/'")))
	}
	(&networkWorld{world: w}).refuses(t, armor, good, map[string]refusal{
		"without a default":                    {values{"rules": []any{armorRule(1, nil)}}, "needs a default rule"},
		"whose default is for some":            {values{"rules": []any{armorRule(2147483647, expr("true"))}}, "needs a default rule"},
		"with two rules of one priority":       {with(armorRule(1, nil), armorRule(1, nil)), "given twice"},
		"that throttles at no rate":            {with(armorRule(1, values{"action": "throttle"})), "rateLimitOptions go with"},
		"with a rate of what is not throttled": {with(armorRule(1, values{"rateLimitOptions": rate(1, 10)})), "rateLimitOptions go with"},
		"that counts in one second":            {with(armorRule(1, values{"action": "throttle", "rateLimitOptions": rate(1, 1)})), "allowed are"},
		"that counts more than Google does":    {with(armorRule(1, values{"action": "throttle", "rateLimitOptions": rate(1000001, 10)})), "at most 1e+06"},
		"with six parts in an expression":      {with(armorRule(1, expr("a || b || c && d || e || f"))), "up to 5 subexpressions"},
		"with more expressions than the quota": {with(many...), "SECURITY_POLICY_CEVAL_RULES"},
		"with an expression and addresses":     {with(armorRule(1, values{"match": values{"versionedExpr": "SRC_IPS_V1", "config": values{"srcIpRanges": []any{"*"}}, "expr": values{"expression": "true"}}})), "conflicts with"},
		"with a description that is too long":  {with(armorRule(1, values{"description": strings.Repeat("d", 65)})), "at most 64"},
	})
}

// Google makes a certificate whether or not it can ever be issued.
func TestACertificateIsIssuedOnceItsProofIsThere(t *testing.T) {
	w := newWorld(t, "certificatemanager", "dns")
	for _, proven := range []bool{false, true} {
		host := map[bool]string{false: "a.example.com", true: "b.example.com"}[proven]
		asked := w.Have(authorization, values{"domain": host, "project": project})
		if proven {
			w.Have(record, values{
				"managedZone": "example-com", "name": asked.Str("dnsResourceRecords.0.name"), "type": "CNAME", "ttl": 300.0,
				"rrdatas": []any{asked.Str("dnsResourceRecords.0.data")},
			})
		}
		managed := func(domain string) values {
			return values{"project": project, "managed": values{"domains": []any{domain}, "dnsAuthorizations": []any{asked.ID}}}
		}
		if made := w.Have(certificate, managed(host)); made.Bool("issued") != proven {
			t.Errorf("proof there: %t, issued: %t", proven, made.Bool("issued"))
		}
		if _, err := w.Create(certificate, managed("c.example.com")); err == nil || !strings.Contains(err.Error(), "has no authorization") {
			t.Errorf("error is %v", err)
		}
		if _, err := w.Create(authorization, values{"domain": host, "project": project}); err == nil || !strings.Contains(err.Error(), "is authorized by") {
			t.Errorf("error is %v", err)
		}
	}
}

func TestAnAlertIsRefused(t *testing.T) {
	w := newWorld(t)
	told := w.Have(channel, values{"project": project, "type": "email", "labels": values{"email_address": "team@example.com"}})
	if _, err := w.Create(channel, values{"project": project, "type": "email"}); err == nil || !strings.Contains(err.Error(), "an address must be set") {
		t.Errorf("a channel to nobody: error is %v", err)
	}
	const queue = `resource.type = "pubsub_subscription" AND metric.type = "pubsub.googleapis.com/subscription/oldest_unacked_message_age" AND resource.labels.subscription_id = "a"`
	const requests = `resource.type = "https_lb_rule" AND metric.type = "loadbalancing.googleapis.com/https/request_count" AND resource.labels.url_map_name = "a"`
	latency := strings.Replace(requests, "request_count", "total_latencies", 1)
	by := func(period, aligner, reducer string) []any {
		return []any{values{"alignmentPeriod": period, "perSeriesAligner": aligner, "crossSeriesReducer": reducer}}
	}
	when := func(changes values) values {
		threshold := values{"filter": queue, "comparison": "COMPARISON_GT", "duration": "60s", "thresholdValue": 1.0, "aggregations": by("60s", "ALIGN_MAX", "REDUCE_MAX")}
		for name, value := range changes {
			threshold[name] = value
		}
		return values{"conditions": []any{values{"displayName": "too old", "conditionThreshold": threshold}}}
	}
	const used = `serviceruntime_googleapis_com:quota_allocation_usage{monitored_resource="consumer_quota",project_id="p"}`
	question := func(query, interval string) values {
		return values{"conditions": []any{values{"displayName": "used up", "conditionPrometheusQueryLanguage": values{"query": query, "evaluationInterval": interval, "duration": "0s"}}}}
	}
	good := values{"project": project, "displayName": "old", "combiner": "OR", "notificationChannels": []any{told.ID}}
	made := w.Have(alert, good, when(nil))
	(&networkWorld{world: w}).refuses(t, alert, good, map[string]refusal{
		"of a metric that nobody measures":    {when(values{"filter": strings.Replace(queue, "oldest", "newest", 1)}), "cannot find metric"},
		"of another thing's metric":           {when(values{"filter": strings.Replace(queue, "pubsub_subscription", "pubsub_topic", 1)}), "is measured on"},
		"by a label that it has not":          {when(values{"filter": strings.Replace(queue, "subscription_id", "queue", 1)}), "has no label queue"},
		"of nothing":                          {when(values{"filter": strings.Replace(queue, `"a"`, `""`, 1)}), "nothing would be watched"},
		"after half a minute":                 {when(values{"duration": "30s"}), "full minutes"},
		"of missing data in no time":          {when(values{"duration": "0s", "evaluationMissingData": "EVALUATION_MISSING_DATA_ACTIVE"}), "at least a minute"},
		"that compares what Google does not":  {when(values{"comparison": "COMPARISON_GE"}), "allowed are"},
		"of points that are too close":        {when(values{"aggregations": by("30s", "ALIGN_MAX", "REDUCE_MAX")}), "does not match"},
		"of a count that is not a difference": {when(values{"filter": requests, "aggregations": by("60s", "ALIGN_MAX", "REDUCE_SUM")}), "cannot be aligned"},
		"of a spread that is not a number":    {when(values{"filter": latency, "aggregations": by("60s", "ALIGN_DELTA", "REDUCE_SUM")}), "cannot be reduced"},
		"of a share of other periods": {
			when(values{"filter": requests, "aggregations": by("60s", "ALIGN_DELTA", "REDUCE_SUM"), "denominatorFilter": requests, "denominatorAggregations": by("300s", "ALIGN_DELTA", "REDUCE_SUM")}),
			"must be the same",
		},
		"by a label that a metric has not":   {when(values{"filter": queue + ` AND metric.labels.age = "1"`}), "has no label age"},
		"of a question about nothing":        {question("1 > 0", "300s"), "asks for no metric"},
		"of a question without an answer":    {question(used, "300s"), "true or not"},
		"of a question about another metric": {question(strings.Replace(used, "usage", "left", 1)+" > 1", "300s"), "cannot find a metric"},
		"of a question about another thing":  {question(strings.Replace(used, "consumer_quota", "project", 1)+" > 1", "300s"), "is measured on"},
		"of a question by a wrong label":     {question(strings.Replace(used, "project_id", "project", 1)+" > 1", "300s"), "has no label project"},
		"of a share of what has no such label": {
			question("max by (limit_name) ("+used+`) / min by (limit_name) (serviceruntime_googleapis_com:quota_limit{monitored_resource="consumer_quota"}) > 0.8`, "300s"), "not everything that is asked for has the label limit_name",
		},
		"of a question that is asked too often": {question(used+" > 1", "20s"), "a multiple of 30 seconds"},
		"to nobody":                             {values{"conditions": when(nil)["conditions"], "notificationChannels": []any{"projects/x/notificationChannels/1"}}, "does not exist"},
	})
	if err := w.Remove(told); !cloud.Refused(err, "DependencyViolation") {
		t.Errorf("a channel that an alert goes to is taken away: %v", err)
	}
	for _, o := range []*cloud.Object{made, told} {
		if err := w.Remove(o); err != nil {
			t.Error(err)
		}
	}
}
