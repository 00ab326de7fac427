package azure_test

import (
	"maps"
	"strings"
	"testing"

	"platform/tests/cloud"
	"platform/tests/cloud/azure"
	"platform/tests/cloud/trial"
)

const (
	doorsGroup       = "/subscriptions/" + subscription + "/resourceGroups/env/providers/"
	doorsZone        = "/subscriptions/" + subscription + "/resourceGroups/dns/providers/Microsoft.Network/dnsZones/example.com"
	doorsCertificate = "/subscriptions/" + subscription + "/resourceGroups/dns/providers/Microsoft.KeyVault/vaults/certificates/secrets/doors"

	doorService = "azure-native:apimanagement:ApiManagementService"
	doorAPI     = "azure-native:apimanagement:Api"
	doorPolicy  = "azure-native:apimanagement:Policy"
	doorBackend = "azure-native:apimanagement:Backend"
)

// doorsGround is a simulated subscription with all that a service of API Management stands on.
type doorsGround struct{ *trial.World }

func newDoorsGround(t *testing.T) *doorsGround {
	t.Helper()
	g := &doorsGround{trial.New(t, azure.New, cloud.Config{Account: subscription})}
	g.Mint(azure.Baseline(subscription, doorsZone, "example.com", doorsCertificate)...)
	rule := func(name, from, port string, priority float64) any {
		return map[string]any{
			"name": name, "access": "Allow", "direction": "Inbound", "protocol": "Tcp", "priority": priority, "sourceAddressPrefix": from,
			"sourcePortRange": "*", "destinationAddressPrefix": "10.0.0.0/24", "destinationPortRange": port,
		}
	}
	for typ, o := range map[string]cloud.Object{
		"azure-native:resources:ResourceGroup": {ID: "env", Inputs: map[string]any{"resourceGroupName": "env"}},
		"azure-native:network:NetworkSecurityGroup": {ID: doorsGroup + "nsg", Inputs: map[string]any{"securityRules": []any{
			rule("clients", "Internet", "443", 100), rule("control", "ApiManagement", "3443", 110),
		}}},
		"azure-native:network:Subnet": {ID: doorsGroup + "subnet", Inputs: map[string]any{
			"addressPrefix": "10.0.0.0/24", "networkSecurityGroup": map[string]any{"id": doorsGroup + "nsg"},
		}},
		"azure-native:network:PublicIPAddress": {ID: doorsGroup + "address", Inputs: map[string]any{
			"sku": map[string]any{"name": "Standard"}, "dnsSettings": map[string]any{"domainNameLabel": "doors"},
		}},
		"azure-native:managedidentity:UserAssignedIdentity": {
			ID: doorsGroup + "reader", Outputs: map[string]any{"clientId": "client", "principalId": "principal"},
		},
		"azure-native:authorization:RoleAssignment": {ID: "grant", Inputs: map[string]any{
			"principalId": "principal", "scope": doorsCertificate, "roleDefinitionId": "/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6",
		}},
		"azure-native:operationalinsights:Workspace": {ID: doorsGroup + "workspace"},
		"azure-native:dbforpostgresql/v20240801:Server": {
			ID: doorsGroup + "steady", Inputs: map[string]any{"sku": map[string]any{"tier": "GeneralPurpose"}},
		},
		"azure-native:containerservice:ManagedCluster": {ID: doorsGroup + "cluster"},
		"azure-native:servicebus:Namespace":            {ID: doorsGroup + "broker"},
	} {
		o.Type = typ
		g.Mint(o)
	}
	return g
}

// change changes an input of something that is there.
func (g *doorsGround) change(typ, id, name string, value any) {
	g.T.Helper()
	if err := g.Store.Update("change", func(t *cloud.Tx) error {
		t.Get(typ, id).Inputs[name] = value
		return nil
	}); err != nil {
		g.T.Fatal(err)
	}
}

func doorInputs(changes map[string]any) map[string]any {
	inputs := map[string]any{
		"resourceGroupName": "env", "serviceName": "doors", "location": "germanywestcentral", "publisherName": "dev", "publisherEmail": "gateway@example.com",
		"sku": map[string]any{"name": "Developer", "capacity": 1.0}, "virtualNetworkType": "External",
		"virtualNetworkConfiguration": map[string]any{"subnetResourceId": doorsGroup + "subnet"}, "publicIpAddressId": doorsGroup + "address",
		"identity":               map[string]any{"type": "UserAssigned", "userAssignedIdentities": []any{doorsGroup + "reader"}},
		"hostnameConfigurations": []any{doorHost("mobile.example.com", nil)},
	}
	maps.Copy(inputs, changes)
	return inputs
}

func doorHost(host string, changes map[string]any) any {
	h := map[string]any{
		"type": "Proxy", "hostName": host, "certificateSource": "KeyVault", "identityClientId": "client",
		"keyVaultId": "https://certificates.vault.azure.net/secrets/doors",
	}
	maps.Copy(h, changes)
	return h
}

func TestWhatAServiceCannotBeMadeWith(t *testing.T) {
	nobody := func(g *doorsGround) {
		g.change("azure-native:authorization:RoleAssignment", "grant", "principalId", "another")
	}
	shut := func(g *doorsGround) {
		g.change("azure-native:network:NetworkSecurityGroup", doorsGroup+"nsg", "securityRules", []any{map[string]any{
			"name": "clients", "access": "Allow", "direction": "Inbound", "protocol": "Tcp", "priority": 100.0, "sourceAddressPrefix": "Internet",
			"destinationAddressPrefix": "10.0.0.0/24", "destinationPortRange": "443",
		}})
	}
	for _, test := range []struct {
		name    string
		before  func(*doorsGround)
		changes map[string]any
		want    string
	}{
		{"nothing amiss", nil, nil, ""},
		{"a tier outside networks", nil, map[string]any{"sku": map[string]any{"name": "Standard", "capacity": 1.0}}, "cannot be in a virtual network"},
		{"more units than the tier has", nil, map[string]any{"sku": map[string]any{"name": "Developer", "capacity": 2.0}}, "has one unit"},
		{"zones in a tier without", nil, map[string]any{"zones": []any{"1", "2"}}, "does not span zones"},
		{
			"fewer units than zones", nil,
			map[string]any{"zones": []any{"1", "2"}, "sku": map[string]any{"name": "Premium", "capacity": 1.0}}, "cannot be spread evenly",
		},
		{"a managed certificate", nil, map[string]any{"hostnameConfigurations": []any{
			map[string]any{"type": "Proxy", "hostName": "mobile.example.com", "certificateSource": "Managed"},
		}}, "not when it is created"},
		{"a host that the certificate is not for", nil, map[string]any{"hostnameConfigurations": []any{doorHost("mobile.dev.example.com", nil)}}, "not for mobile.dev.example.com"},
		{"a certificate that is not there", nil, map[string]any{"hostnameConfigurations": []any{
			doorHost("mobile.example.com", map[string]any{"keyVaultId": "https://certificates.vault.azure.net/secrets/gone"}),
		}}, "is not there"},
		{"an identity that may not read it", nobody, nil, "may not read"},
		{"an identity that the service does not bear", nil, map[string]any{"identity": map[string]any{"type": "SystemAssigned"}}, "does not bear the identity"},
		{"a security group that keeps Azure out", shut, nil, "does not let ApiManagement in"},
		{"a subnet of another service", func(g *doorsGround) {
			g.change("azure-native:network:Subnet", doorsGroup+"subnet", "delegations", []any{map[string]any{"name": "postgres"}})
		}, nil, "is handed over to another service"},
		{"an address without a name", func(g *doorsGround) {
			g.change("azure-native:network:PublicIPAddress", doorsGroup+"address", "dnsSettings", nil)
		}, nil, "have a DNS label"},
		{"a certificate that is none", nil, map[string]any{"certificates": []any{map[string]any{"storeName": "Root", "encodedCertificate": "AAAA"}}}, "InvalidCertificate"},
		{"a long name", nil, map[string]any{"serviceName": strings.Repeat("d", 51)}, "has 51 characters, allowed are 50"},
		{"an unknown property", nil, map[string]any{"colour": "blue"}, "the rules do not know this property"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := newDoorsGround(t)
			if test.before != nil {
				test.before(g)
			}
			_, err := g.Create(doorService, doorInputs(test.changes))
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
			} else if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
		})
	}
}

func TestADeletedServiceKeepsItsNameAndTakesItsInside(t *testing.T) {
	g := newDoorsGround(t)
	service := g.Have(doorService, doorInputs(nil))
	g.Have(doorAPI, apiInputs("payments", "payments", nil))
	if got := len(g.All("apimanagement:sample")); got != 3 {
		t.Errorf("%d samples came with the service, want an API and two products", got)
	}
	if got := len(g.All("apimanagement:operation")); got != 1 {
		t.Errorf("%d operations were imported, want 1", got)
	}
	if err := g.Remove(service); err != nil {
		t.Fatal(err)
	}
	for _, typ := range []string{"apimanagement:sample", "apimanagement:operation", doorAPI, doorService} {
		if got := len(g.All(typ)); got != 0 {
			t.Errorf("%s: %d are left", typ, got)
		}
	}
	if _, err := g.Create(doorService, doorInputs(nil)); err == nil || !strings.Contains(err.Error(), "soft-deleted for 48 hours") {
		t.Errorf("error is %v, want that the name is taken", err)
	}
	g.Have(doorService, doorInputs(map[string]any{"serviceName": "doors2"}))
}

func apiInputs(id, path string, changes map[string]any) map[string]any {
	inputs := map[string]any{
		"resourceGroupName": "env", "serviceName": "doors", "apiId": id, "path": path, "format": "openapi+json",
		"value": `{"openapi":"3.0.1","info":{"title":"x","version":"1"},"paths":{"/*":{"get":{"operationId":"get","responses":{}}}}}`,
	}
	maps.Copy(inputs, changes)
	return inputs
}

func TestWhatAnAPICannotBe(t *testing.T) {
	g := newDoorsGround(t)
	g.Have(doorService, doorInputs(nil))
	g.Have(doorAPI, apiInputs("payments", "payments", nil))
	for _, test := range []struct {
		name   string
		inputs map[string]any
		want   string
	}{
		{"a path that another has", apiInputs("refunds", "Payments", nil), "is there already"},
		{"a path that the sample has", apiInputs("echo", "echo", nil), "is there already"},
		{"not a document", apiInputs("a", "a", map[string]any{"value": "{"}), "parsing the document"},
		{"two operations of one id", apiInputs("a", "a", map[string]any{
			"value": `{"openapi":"3.0.1","info":{"title":"x","version":"1"},"paths":{"/":{"get":{"operationId":"g"},"put":{"operationId":"g"}}}}`,
		}), `operationId "g"`},
		{"of no service", apiInputs("a", "a", map[string]any{"serviceName": "gone"}), `"gone" does not exist`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := g.Create(doorAPI, test.inputs); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
		})
	}
}

func TestPoliciesAreJudged(t *testing.T) {
	const end = `</inbound><backend><forward-request/></backend><outbound/><on-error/></policies>`
	for _, test := range []struct{ name, value, want string }{
		{"what the program writes", `<policies><inbound><choose><when condition="@(context.Request.OriginalUrl.Host == &#34;a&#34;)"><set-header name="X" exists-action="override"><value>a</value></set-header></when><otherwise><return-response><set-status code="404"/></return-response></otherwise></choose><set-backend-service backend-id="ingress"/>` + end, ""},
		{"not closed", `<policies><inbound>`, "unexpected EOF"},
		{"something after", `<policies><inbound>` + end + `<more/>`, "something after the policies"},
		{"an unknown element", `<policies><inbound><validate-jot/>` + end, "element validate-jot is unknown"},
		{"an unknown attribute", `<policies><inbound><rewrite-uri template="/" colour="blue"/>` + end, "attribute colour of rewrite-uri is unknown"},
		{"in the wrong section", `<policies><inbound><forward-request/>` + end, "may not stand in section inbound"},
		{"sections out of order", `<policies><backend/><inbound/></policies>`, "out of order"},
		{"base at the top", `<policies><inbound><base/>` + end, "may not stand in a policy of scope global"},
		{"a backend that is not there", `<policies><inbound><set-backend-service backend-id="gone"/>` + end, `backend with id "gone"`},
		{"tokens' keys over plain HTTP", `<policies><inbound><validate-jwt header-name="Authorization"><openid-config url="http://login.example.com"/></validate-jwt>` + end, "an https URL is allowed"},
		{"tokens without keys", `<policies><inbound><validate-jwt header-name="Authorization"/>` + end, "no keys"},
		{"audiences after issuers", `<policies><inbound><validate-jwt header-name="Authorization"><openid-config url="https://x"/><issuers><issuer>x</issuer></issuers><audiences><audience>a</audience></audiences></validate-jwt>` + end, "out of order"},
		{"a window that is too long", `<policies><inbound><rate-limit-by-key calls="1" renewal-period="301" counter-key="a"/>` + end, "allowed are 1 to 300 seconds"},
		{"a condition that is none", `<policies><inbound><choose><when condition="true"/></choose>` + end, "no condition that is an expression"},
		{"eleven authorities", `<policies><inbound><validate-client-certificate><identities>` + strings.Repeat(`<identity issuer-thumbprint="A"/>`, 11) + `</identities></validate-client-certificate>` + end, "1 to 10 identities"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := newDoorsGround(t)
			g.Have(doorService, doorInputs(nil))
			backend := g.Have(doorBackend, map[string]any{
				"resourceGroupName": "env", "serviceName": "doors", "backendId": "ingress", "protocol": "http", "url": "https://origin.example.com",
			})
			_, err := g.Create(doorPolicy, map[string]any{"resourceGroupName": "env", "serviceName": "doors", "policyId": "policy", "value": test.value})
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("error is %v, want %q", err, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := g.Remove(backend); err == nil || !strings.Contains(err.Error(), "refers to it") {
				t.Errorf("a backend that the policy names is deleted: %v", err)
			}
		})
	}
}

func TestRecordsFitTheirSets(t *testing.T) {
	record := func(changes map[string]any) map[string]any {
		inputs := map[string]any{
			"resourceGroupName": "dns", "zoneName": "example.com", "recordType": "CNAME", "relativeRecordSetName": "mobile",
			"ttl": 300.0, "cnameRecord": map[string]any{"cname": "doors.azure-api.net"},
		}
		maps.Copy(inputs, changes)
		return inputs
	}
	g := newDoorsGround(t)
	g.Have("azure-native:network:RecordSet", record(nil))
	for _, test := range []struct {
		name    string
		changes map[string]any
		want    string
	}{
		{"a zone of another group", map[string]any{"resourceGroupName": "env"}, "is not there"},
		{"a zone that is not there", map[string]any{"zoneName": "example.org"}, "does not exist"},
		{"an alias of the zone itself", map[string]any{"relativeRecordSetName": "@"}, "cannot be an alias"},
		{"records of another type", map[string]any{"recordType": "A", "relativeRecordSetName": "x"}, "holds no"},
		{"beside an alias", map[string]any{
			"recordType": "A", "cnameRecord": nil, "aRecords": []any{map[string]any{"ipv4Address": "10.0.0.1"}},
		}, "an alias stands alone"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := g.Create("azure-native:network:RecordSet", record(test.changes)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
		})
	}
}

func TestAlertsAskWhatIsMeasured(t *testing.T) {
	criterion := func(changes map[string]any) any {
		c := map[string]any{
			"criterionType": "StaticThresholdCriterion", "name": "dead", "metricNamespace": "Microsoft.ServiceBus/namespaces", "metricName": "DeadletteredMessages",
			"operator": "GreaterThan", "threshold": 0.0, "timeAggregation": "Maximum",
			"dimensions": []any{map[string]any{"name": "EntityName", "operator": "Include", "values": []any{"q"}}},
		}
		maps.Copy(c, changes)
		return map[string]any{"odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria", "allOf": []any{c}}
	}
	of := func(space, metric, by string) any {
		return criterion(map[string]any{"metricNamespace": space, "metricName": metric, "timeAggregation": by, "dimensions": []any{}})
	}
	alert := func(changes map[string]any) map[string]any {
		inputs := map[string]any{
			"resourceGroupName": "env", "ruleName": "dead", "location": "Global", "severity": 2.0, "enabled": true, "scopes": []any{doorsGroup + "broker"},
			"evaluationFrequency": "PT5M", "windowSize": "PT5M", "criteria": criterion(nil),
		}
		maps.Copy(inputs, changes)
		return inputs
	}
	for _, test := range []struct {
		name    string
		changes map[string]any
		want    string
	}{
		{"nothing amiss", nil, ""},
		{"a broker that is not there", map[string]any{"scopes": []any{doorsGroup + "gone"}}, "is not there"},
		{"a metric that is not measured", map[string]any{"criteria": criterion(map[string]any{"metricName": "Age"})}, "couldn't find a metric"},
		{"a dimension that the metric has not", map[string]any{"criteria": criterion(map[string]any{
			"dimensions": []any{map[string]any{"name": "QueueName", "operator": "Include", "values": []any{"q"}}},
		})}, "has no dimension"},
		{"credits of a server that saves none", map[string]any{"scopes": []any{doorsGroup + "steady"}, "criteria": of("Microsoft.DBforPostgreSQL/flexibleServers", "cpu_credits_remaining", "Maximum")}, "has no cpu_credits_remaining"},
		{"a sum that is none", map[string]any{"scopes": []any{doorsGroup + "cluster"}, "criteria": of("Microsoft.ContainerService/managedClusters", "etcd_database_usage_percentage", "Total")}, "is put together by"},
		{"a window between two measurements", map[string]any{"scopes": []any{doorsGroup + "cluster"}, "evaluationFrequency": "PT1M", "windowSize": "PT1M",
			"criteria": of("Microsoft.ContainerService/managedClusters", "cluster_autoscaler_cluster_safe_to_autoscale", "Average")}, "is measured every 5m"},
		{"asked less often than measured", map[string]any{"evaluationFrequency": "PT1H"}, "more than the window"},
		{"a window that there is not", map[string]any{"windowSize": "PT10M"}, "allowed are"},
		{"nobody to tell", map[string]any{"actions": []any{map[string]any{"actionGroupId": "gone"}}}, "does not exist"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := newDoorsGround(t).Create("azure-native:insights:MetricAlert", alert(test.changes))
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
			} else if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
		})
	}
}

func TestQueriesOfTablesThatAreNotThereYet(t *testing.T) {
	rule := func(changes map[string]any) map[string]any {
		inputs := map[string]any{
			"resourceGroupName": "env", "ruleName": "failures", "location": "germanywestcentral", "severity": 1.0, "enabled": true,
			"scopes": []any{doorsGroup + "workspace"}, "evaluationFrequency": "PT5M", "windowSize": "PT5M", "skipQueryValidation": true,
			"criteria": map[string]any{"allOf": []any{map[string]any{
				"query": "ApiManagementGatewayLogs\n| summarize percent = 1 by bin(TimeGenerated, 5m)", "metricMeasureColumn": "percent", "operator": "GreaterThan",
				"threshold": 1.0, "timeAggregation": "Maximum", "failingPeriods": map[string]any{"numberOfEvaluationPeriods": 3.0, "minFailingPeriodsToAlert": 3.0},
			}}},
		}
		maps.Copy(inputs, changes)
		return inputs
	}
	for want, changes := range map[string]map[string]any{
		"":                        nil,
		"failed to resolve table": {"skipQueryValidation": false},
		"does not exist":          {"scopes": []any{"gone"}},
	} {
		if _, err := newDoorsGround(t).Create("azure-native:insights:ScheduledQueryRule", rule(changes)); want == "" && err != nil ||
			want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("error is %v, want %q", err, want)
		}
	}
}

func TestQuotasAreShownToWhoMayLook(t *testing.T) {
	const whole, reader = "/subscriptions/" + subscription, "/subscriptions/" + subscription + "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
	condition := func(changes map[string]any) any {
		c := map[string]any{
			"query": "arg(\"\").QuotaResources\n| extend quota = 1, percent = 2", "metricMeasureColumn": "percent", "operator": "GreaterThan", "threshold": 80.0,
			"timeAggregation": "Maximum", "dimensions": []any{map[string]any{"name": "quota", "operator": "Include", "values": []any{"*"}}},
		}
		maps.Copy(c, changes)
		return map[string]any{"allOf": []any{c}}
	}
	for _, test := range []struct {
		name    string
		may     bool
		changes map[string]any
		want    string
	}{
		{"nothing amiss", true, nil, ""},
		{"who may not look", false, nil, "an identity that may look"},
		{"nobody asks", true, map[string]any{"identity": map[string]any{"type": "None"}}, "an identity that may look"},
		{"a workspace", true, map[string]any{"scopes": []any{doorsGroup + "workspace"}}, "does not hold what is asked for"},
		{"another subscription", true, map[string]any{"scopes": []any{"/subscriptions/99999999-2222-3333-4444-555555555555"}}, "is not the subscription"},
		{"logs of the subscription", true, map[string]any{"criteria": condition(map[string]any{"query": "Heartbeat\n| extend quota = 1, percent = 2"})}, "does not hold what is asked for"},
		{"a table that there is not", true, map[string]any{"criteria": condition(map[string]any{"query": "arg(\"\").Weather\n| extend quota = 1, percent = 2"})}, "has no table"},
		{"told apart by nothing", true, map[string]any{"criteria": condition(map[string]any{"dimensions": []any{map[string]any{"name": "region", "operator": "Include", "values": []any{"*"}}}})}, "gives no column"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := newDoorsGround(t)
			identity := g.Have("azure-native:managedidentity:UserAssignedIdentity", map[string]any{"resourceGroupName": "env", "resourceName": "looks"})
			if test.may {
				g.Have("azure-native:authorization:RoleAssignment", map[string]any{
					"roleAssignmentName": "0a0a0a0a-0000-4000-8000-000000000009", "principalId": identity.Str("principalId"), "principalType": "ServicePrincipal",
					"roleDefinitionId": reader, "scope": whole,
				})
			}
			inputs := map[string]any{
				"resourceGroupName": "env", "ruleName": "quotas", "location": "germanywestcentral", "severity": 2.0, "enabled": true, "scopes": []any{whole},
				"evaluationFrequency": "PT1H", "windowSize": "PT1H", "skipQueryValidation": true, "criteria": condition(nil),
				"identity": map[string]any{"type": "UserAssigned", "userAssignedIdentities": []any{identity.ID}},
			}
			maps.Copy(inputs, test.changes)
			if _, err := g.Create("azure-native:insights:ScheduledQueryRule", inputs); test.want == "" && err != nil ||
				test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
		})
	}
}

func TestLogsOfWhatIsThere(t *testing.T) {
	setting := func(name, of, category string) map[string]any {
		return map[string]any{
			"name": name, "resourceUri": of, "workspaceId": doorsGroup + "workspace", "logAnalyticsDestinationType": "Dedicated",
			"logs": []any{map[string]any{"category": category, "enabled": true}},
		}
	}
	g := newDoorsGround(t)
	service := g.Have(doorService, doorInputs(nil))
	g.Have("azure-native:insights:DiagnosticSetting", setting("requests", service.ID, "GatewayLogs"))
	for want, inputs := range map[string]map[string]any{
		"is already used by":     setting("again", service.ID, "GatewayLogs"),
		"is not supported":       setting("more", service.ID, "Weather"),
		"is not there, or is of": setting("more", doorsGroup+"gone", "GatewayLogs"),
	} {
		if _, err := g.Create("azure-native:insights:DiagnosticSetting", inputs); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
	}
}
