package aws

import (
	"fmt"

	"platform/components/cluster"
	"platform/components/database"
)

// instanceTypes are the machines of a pool by size. Spot pools take several types of one shape,
// since each type is a market of its own and the more there are the rarer the interruptions
// (https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html#managed-node-group-capacity-types).
var instanceTypes = map[cluster.Size]map[cluster.Capacity][]string{
	cluster.Small: { // 2 vCPU, 8 GiB
		cluster.OnDemand: {"m7i.large"},
		cluster.Spot:     {"m7i.large", "m6i.large", "m6a.large", "m5.large"},
	},
	cluster.Medium: { // 4 vCPU, 16 GiB
		cluster.OnDemand: {"m7i.xlarge"},
		cluster.Spot:     {"m7i.xlarge", "m6i.xlarge", "m6a.xlarge", "m5.xlarge"},
	},
	cluster.Large: { // 8 vCPU, 32 GiB
		cluster.OnDemand: {"m7i.2xlarge"},
		cluster.Spot:     {"m7i.2xlarge", "m6i.2xlarge", "m6a.2xlarge", "m5.2xlarge"},
	},
}

// cores are those of each machine of a size.
var cores = map[cluster.Size]int{cluster.Small: 2, cluster.Medium: 4, cluster.Large: 8}

// poolTypes are the instance types of a pool.
func poolTypes(size cluster.Size, capacity cluster.Capacity) ([]string, error) {
	types, ok := instanceTypes[size][capacity]
	if !ok {
		return nil, fmt.Errorf("no AWS machine for a pool of size %q and capacity %q: sizes are %v, capacities %q and %q",
			size, capacity, cluster.Sizes, cluster.OnDemand, cluster.Spot)
	}
	return types, nil
}

// databaseSize is an RDS instance class, its memory, and the most credits that a burstable one can save.
type databaseSize struct {
	class     string
	memoryGiB int
	credits   int
}

// databaseSizes are the database classes by size
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html). One that bursts saves
// what it earns in a day
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-credits-baseline-concepts.html#burstable-performance-instances-credit-table).
var databaseSizes = map[cluster.Size]databaseSize{
	cluster.Small:  {class: "db.t4g.medium", memoryGiB: 4, credits: 576},
	cluster.Medium: {class: "db.m6g.large", memoryGiB: 8},
	cluster.Large:  {class: "db.r6g.2xlarge", memoryGiB: 64},
}

const (
	// RDS for PostgreSQL sets max_connections to LEAST(DBInstanceClassMemory/9531392, 5000)
	// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections).
	bytesPerConnection = 9531392
	mostConnections    = 5000

	// DBInstanceClassMemory is what is left of the class's memory after the operating system and the
	// processes of RDS; AWS publishes no number, so a tenth is taken off to stay on the safe side.
	usableMemoryPercent = 90

	// A proxy accepts up to 20,000 client connections in total over its instances
	// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.html#rds-proxy.limitations);
	// each of them holds memory of the proxy, which grows with the database's class, so what is
	// planned with is a multiple of the server's connections and never above the total.
	proxyClientsPerConnection = 10
	mostProxyClients          = 20000
)

// databaseClass is the instance class of a size.
func databaseClass(size cluster.Size) (string, error) {
	s, err := databaseSizeOf(size)
	return s.class, err
}

// DatabaseLimits tells the connections that a size accepts, directly and through a proxy.
func (d *Driver) DatabaseLimits(size cluster.Size) (database.Limits, error) {
	s, err := databaseSizeOf(size)
	if err != nil {
		return database.Limits{}, err
	}
	memory := s.memoryGiB << 30 / 100 * usableMemoryPercent
	direct := min(memory/bytesPerConnection, mostConnections)
	return database.Limits{
		Direct: direct,
		Pooled: min(direct*proxyClientsPerConnection, mostProxyClients),
	}, nil
}

func databaseSizeOf(size cluster.Size) (databaseSize, error) {
	s, ok := databaseSizes[size]
	if !ok {
		return databaseSize{}, fmt.Errorf("no AWS database of size %q: sizes are %v", size, cluster.Sizes)
	}
	return s, nil
}

var _ database.Sizer = (*Driver)(nil)
