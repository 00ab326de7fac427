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
	"platform/components/trail"
)

// Offers are what a cloud's driver can build; settings are judged by them.
type Offers struct {
	Foundation foundation.Offer
	Network    network.Offer
	Cluster    cluster.Offer
	Database   database.Offer
	Queue      queue.Offer
	Gateways   map[gateway.Kind]gateway.Offer
	Trail      trail.Offer
}

// Offering tells what the driver of a cloud can build; an error where the program has no such driver.
type Offering func(cloud string) (Offers, error)

// cloud is where a cloud has regions, and how it names their zones.
type cloud struct {
	regions map[string][]string
	usual   func(region string) []string // the zones of an environment whose file names none
	named   bool                         // zones bear their region's name, and a region may have more than the usual ones
}

// residencies lists where data may be kept by law.
var residencies = []string{"eu", "us"}

// clouds by name. The regions of a residency are those whose ground it is, so the United Kingdom and
// Switzerland are not in "eu", and those with three zones, so us-west-1 of AWS is not in "us". Sources:
//   - AWS: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
//   - Azure: https://learn.microsoft.com/azure/reliability/regions-list, and of the zones
//     https://learn.microsoft.com/azure/reliability/availability-zones-overview
//   - Google Cloud: https://cloud.google.com/compute/docs/regions-zones
var clouds = map[string]cloud{
	"aws": {
		regions: map[string][]string{
			"eu": {"eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3"},
			"us": {"us-east-1", "us-east-2", "us-west-2"},
		},
		usual: func(region string) []string { return []string{region + "a", region + "b", region + "c"} },
		named: true,
	},
	"azure": {
		regions: map[string][]string{
			"eu": {
				"austriaeast", "francecentral", "germanywestcentral", "italynorth", "northeurope", "polandcentral",
				"spaincentral", "swedencentral", "westeurope",
			},
			"us": {"centralus", "eastus", "eastus2", "southcentralus", "westus2", "westus3"},
		},
		usual: func(string) []string { return []string{"1", "2", "3"} },
	},
	"gcp": {
		regions: map[string][]string{
			"eu": {
				"europe-central2", "europe-north1", "europe-north2", "europe-southwest1", "europe-west1", "europe-west10",
				"europe-west12", "europe-west3", "europe-west4", "europe-west8", "europe-west9",
			},
			"us": {"us-central1", "us-east1", "us-east4", "us-east5", "us-south1", "us-west1", "us-west2", "us-west3", "us-west4"},
		},
		usual: func(region string) []string {
			if region == "europe-west1" || region == "us-east1" { // which have no zone a
				return []string{region + "-b", region + "-c", region + "-d"}
			}
			return []string{region + "-a", region + "-b", region + "-c"}
		},
		named: true,
	},
}

// zoneOf tells whether a zone is one of the region's.
func (c cloud) zoneOf(region, zone string) bool {
	if !c.named {
		return slices.Contains(c.usual(region), zone)
	}
	rest, ok := strings.CutPrefix(zone, region)
	return ok && regexp.MustCompile(`^-?[a-z]$`).MatchString(rest)
}

func (c cloud) zoneForm(region string) string {
	if !c.named {
		return fmt.Sprintf("one of %v, named once,", c.usual(region))
	}
	return fmt.Sprintf("a zone of %s, named once,", region)
}
