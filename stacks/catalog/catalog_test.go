package catalog_test

import (
	"strings"
	"testing"

	"platform/stacks/catalog"
)

func TestTheCompanysCatalogueIsWhole(t *testing.T) {
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Teams) < 5 || len(c.Services) < 12 {
		t.Errorf("%d teams and %d services", len(c.Teams), len(c.Services))
	}
	if got := strings.Join(c.Consumers("payment-settled"), " "); got != "erp-bridge ledger orders reports shipping" {
		t.Errorf("payment-settled goes to %s", got)
	}
}

func TestAPeakMustLeaveTimeForAPodToStart(t *testing.T) {
	_, err := catalog.Parse([]byte(`platform: {email: p@example.com, costCentre: "1", repository: "https://git.example.com/p/deploy.git"}`), []byte(`
web:
  team: platform
  scaling: {min: 1, max: 9, cpu: 70, startup: 50s, peak: {factor: 3, within: 60s}}
  requests: {milliCPU: 100, memoryMiB: 64}
  slo: {availability: 99.9}
  data: public
ingress:
  team: platform
  scaling: {min: 1, max: 2, cpu: 70, startup: 5s}
  requests: {milliCPU: 100, memoryMiB: 64}
  slo: {availability: 99.9}
  data: public
`))
	want := `services.yaml: ingress: value "ingress": the name of a namespace that all services share is not allowed
services.yaml: web.scaling.peak.within: value "1m0s": at least 1m5s is allowed: the autoscaler looks every 15s, and a pod starts in 50s`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestABacklogIsForThoseWhoConsume(t *testing.T) {
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	for service, want := range map[string]int{"ledger": catalog.DefaultBacklog, "notifications": 20} {
		if got := c.Services[service].Scaling.MessagesPerPod(); got != want {
			t.Errorf("%s: %d, want %d", service, got, want)
		}
	}
	_, err = catalog.Parse([]byte(`platform: {email: p@example.com, costCentre: "1", repository: "https://git.example.com/p/deploy.git"}`), []byte(`
web:
  team: platform
  scaling: {min: 1, max: 9, cpu: 70, startup: 5s, backlog: -1}
  requests: {milliCPU: 100, memoryMiB: 64}
  slo: {availability: 99.9}
  data: public
`))
	want := `services.yaml: web.scaling.backlog: value "-1": at least 1, or none for 5, is allowed
services.yaml: web.scaling.backlog: value "-1": none is allowed: the service consumes nothing`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestDanglingReferencesAreAllNamed(t *testing.T) {
	_, err := catalog.Parse([]byte(`a: {email: a@example.com, costCentre: "1"}`), []byte(`
web:
  team: b
  scaling: {min: 3, max: 2, cpu: 70, startup: 45s}
  requests: {milliCPU: 100, memoryMiB: 64}
  consumes: [nothing]
  calls: [nobody]
  reaches: [{network: The Moon, ports: [0]}]
  slo: {availability: 99.9}
  data: secret
`))
	want := `services.yaml: web.calls: value "nobody": another service is allowed: web
services.yaml: web.consumes: value "nothing": no service publishes it: allowed are 
services.yaml: web.data: value "secret": one of public, internal, confidential, pii, payment is allowed
services.yaml: web.reaches[0].network: value "The Moon": internet, or the name of a network that environments reserve a range for, is allowed
services.yaml: web.reaches[0].ports: value "[0]": at least one is needed, each from 1 to 65535
services.yaml: web.scaling: value "min 3, max 2": at least 1, and max not below min, is allowed
services.yaml: web.team: value "b": there is no such team: allowed are a
teams.yaml: platform: missing: this team owns what all services share`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestALandingZoneIsWrittenAsItsCloudWritesIt(t *testing.T) {
	_, err := catalog.ParseLandingZones([]byte(`
aws:
  development:
    account: "1"
    admins: []
    dns: {domain: Example, zone: example}
    certificate: doors
azure:
  development:
    account: AAAAAAAA-1111-4222-8333-444444444444
    admins: [somebody]
    viewers: [everybody]
    dns: {domain: example.com, zone: example.com}
on-premises:
  frankfurt: {account: rack-7, admins: [root], dns: {domain: example.com, zone: example}}
`))
	want := `landing-zones.yaml: aws.development.account: value "1": an account of 12 digits, in quotes, is allowed
landing-zones.yaml: aws.development.admins: value "[]": at least one principal is needed: nobody could reach a cluster
landing-zones.yaml: aws.development.certificate: value "doors": nothing is allowed: this cloud issues the doors' certificates itself
landing-zones.yaml: aws.development.dns.domain: value "Example": a domain name in lower case is allowed
landing-zones.yaml: aws.development.dns.zone: value "example": the id of a hosted zone, as Z0123456789ABCDEFGHIJ, is allowed
landing-zones.yaml: azure.development.account: value "AAAAAAAA-1111-4222-8333-444444444444": the id of a subscription, a UUID in lower case, is allowed
landing-zones.yaml: azure.development.admins[0]: value "somebody": the object id of an Entra group, a UUID in lower case, is allowed
landing-zones.yaml: azure.development.certificate: the resource id of a certificate's secret in a vault, as /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.KeyVault/vaults/<vault>/secrets/<certificate>, is allowed
landing-zones.yaml: azure.development.dns.zone: value "example.com": the resource id of a DNS zone, as /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Network/dnsZones/<domain>, is allowed
landing-zones.yaml: azure.development.viewers[0]: value "everybody": the object id of an Entra group, a UUID in lower case, is allowed
landing-zones.yaml: on-premises: value "on-premises": one of [aws azure gcp] is allowed`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
