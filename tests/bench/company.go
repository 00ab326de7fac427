// Package bench compares the blueprint with a flat program that registers the same resources straight
// on the engine, in one run.
package bench

import (
	"fmt"
	"os"
	"time"

	"platform/components/network"
	"platform/stacks/catalog"
	"platform/stacks/config"
	"platform/stacks/platform"
)

// mostDatabases keeps within the quota of 40 database servers in an AWS region
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.Limits), which is the least of
// the three clouds'.
const mostDatabases = 30

// company is an environment of a company with so many services on a cloud. Each publishes an event that its
// neighbour receives, every fifth has a table, and every fifth a database until there are enough.
func company(stacks, cloud string, services int) (config.Settings, error) {
	s, err := config.FromFile(os.DirFS(stacks), "dev-"+cloud, platform.Offers)
	if err != nil {
		return s, err
	}
	s.Network.NAT = network.NATSingle
	c := catalog.Catalog{Teams: s.Catalog.Teams, Services: map[string]catalog.Service{}}
	name := func(i int) string { return fmt.Sprintf("service-%03d", (i+services)%services) }
	for i := range services {
		entry := catalog.Service{
			Team: "platform", Data: "internal", Scaling: catalog.Scaling{Min: 1, Max: 4, CPU: 70, Startup: 30 * time.Second},
			Requests:  catalog.Requests{MilliCPU: 100, MemoryMiB: 128},
			Publishes: []string{"event-" + name(i)}, Consumes: []string{"event-" + name(i-1)},
			SLO: catalog.SLO{Availability: 99.9}, Documents: i%5 == 0,
		}
		if i%5 == 1 && i/5 < mostDatabases {
			entry.Database = &catalog.Database{Size: "small", ConnectionsPerPod: 5}
		}
		c.Services[name(i)] = entry
	}
	s.Catalog = c
	return s, nil
}
