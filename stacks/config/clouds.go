package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"platform/components/cluster"
	"platform/components/database"
	"platform/components/foundation"
	"platform/components/gateway"
	"platform/components/network"
	"platform/components/queue"
)

// Offers are what a cloud's driver can build; settings are judged by them.
type Offers struct {
	Foundation foundation.Offer
	Network    network.Offer
	Cluster    cluster.Offer
	Database   database.Offer
	Queue      queue.Offer
	Gateway    gateway.Offer
}

// Offering tells what the driver of a cloud can build; an error where the program has no such driver.
type Offering func(cloud string) (Offers, error)

// form is what a text must look like, and how messages say so.
type form struct {
	pattern *regexp.Regexp
	allowed string
}

func (f form) check(faults *faults, path, value string) {
	if !f.pattern.MatchString(value) {
		faults.add(path, value, "%s is allowed", f.allowed)
	}
}

// cloud is how a cloud writes what an environment's file names.
type cloud struct {
	account     form
	principal   form // who may be let into a cluster
	dnsZone     form // the delegated zone of the gateway
	certificate form // that of the gateway's doors, where the cloud issues none for them
	regions     map[string][]string
	zones       func(region string) []string // nil where zones have names that only the cloud knows
}

// residencies lists where data may be kept by law.
var residencies = []string{"eu", "us"}

// clouds by name. The regions of a residency are those whose ground it is, so the United Kingdom and
// Switzerland are not in "eu". Sources of the regions:
//   - AWS: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
//   - Azure: https://learn.microsoft.com/azure/reliability/regions-list
//   - Google Cloud: https://cloud.google.com/compute/docs/regions-zones
var clouds = map[string]cloud{
	"aws": {
		account:   form{regexp.MustCompile(`^[0-9]{12}$`), "an account of 12 digits, in quotes,"},
		principal: form{regexp.MustCompile(`^arn:aws:iam::[0-9]{12}:(role|user)/.+$`), "the ARN of a role or user"},
		dnsZone:   form{regexp.MustCompile(`^Z[0-9A-Z]{1,31}$`), "the id of a hosted zone, as Z0123456789ABCDEFGHIJ,"},
		regions: map[string][]string{
			"eu": {"eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3"},
			"us": {"us-east-1", "us-east-2", "us-west-1", "us-west-2"},
		},
	},
	"azure": {
		account:   form{regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`), "the id of a subscription, a UUID in lower case,"},
		principal: form{regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`), "the object id of an Entra group, a UUID in lower case,"},
		dnsZone: form{
			regexp.MustCompile(`^/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/Microsoft\.Network/dnsZones/[^/]+$`),
			"the resource id of a DNS zone, as /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Network/dnsZones/<domain>,",
		},
		certificate: form{
			regexp.MustCompile(`^/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/Microsoft\.KeyVault/vaults/[^/]+/secrets/[^/]+$`),
			"the resource id of a certificate's secret in a vault, as /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.KeyVault/vaults/<vault>/secrets/<certificate>,",
		},
		regions: map[string][]string{
			"eu": {
				"austriaeast", "francecentral", "germanywestcentral", "italynorth", "northeurope", "polandcentral",
				"spaincentral", "swedencentral", "westeurope",
			},
			"us": {"centralus", "eastus", "eastus2", "southcentralus", "westus2", "westus3"},
		},
		// https://learn.microsoft.com/azure/reliability/availability-zones-overview
		zones: func(string) []string { return []string{"1", "2", "3"} },
	},
	"gcp": {
		account:   form{regexp.MustCompile(`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`), "the id of a project, 6 to 30 lower-case letters, digits and dashes,"},
		principal: form{regexp.MustCompile(`^(group|user|serviceAccount):[^@ ]+@[^@ ]+$`), "a member as group:name@example.com, user: or serviceAccount:,"},
		dnsZone:   form{regexp.MustCompile(`^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`), "the name of a managed zone"},
		regions: map[string][]string{
			"eu": {
				"europe-central2", "europe-north1", "europe-north2", "europe-southwest1", "europe-west1", "europe-west10",
				"europe-west12", "europe-west3", "europe-west4", "europe-west8", "europe-west9",
			},
			"us": {"us-central1", "us-east1", "us-east4", "us-east5", "us-south1", "us-west1", "us-west2", "us-west3", "us-west4"},
		},
	},
}

// zoneOf tells whether a zone is one of the region's: AWS and Google Cloud name zones after their regions.
func (c cloud) zoneOf(region, zone string) bool {
	if c.zones != nil {
		return slices.Contains(c.zones(region), zone)
	}
	rest, ok := strings.CutPrefix(zone, region)
	return ok && regexp.MustCompile(`^-?[a-z]$`).MatchString(rest)
}

func (c cloud) zoneForm(region string) string {
	if c.zones != nil {
		return fmt.Sprintf("one of %v, named once,", c.zones(region))
	}
	return fmt.Sprintf("a zone of %s, named once,", region)
}
