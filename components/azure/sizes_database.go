package azure

import (
	"fmt"
	"slices"

	"platform/components/cluster"
	"platform/components/database"
)

// The tiers of compute of a Postgres server.
const (
	computeBurstable = "Burstable"
	computeGeneral   = "GeneralPurpose"
	computeMemory    = "MemoryOptimized"
)

// computeSize is what a Postgres server runs on, and the connections that it leaves to users: fifteen of its
// own are for Azure. One that bursts can save so many credits.
type computeSize struct {
	name, tier  string
	connections int
	credits     int
}

// databaseSizes are the servers by size, with the connections that each has unless told otherwise
// (https://learn.microsoft.com/azure/postgresql/configure-maintain/concepts-limits#maximum-connections), and the
// credits of the machine that it is
// (https://learn.microsoft.com/azure/virtual-machines/sizes/general-purpose/bv1-series).
var databaseSizes = map[cluster.Size]computeSize{
	cluster.Small:  {"Standard_B2s", computeBurstable, 414, 576}, // 2 vCPU, 4 GiB
	cluster.Medium: {"Standard_D2ds_v5", computeGeneral, 844, 0}, // 2 vCPU, 8 GiB
	cluster.Large:  {"Standard_E8ds_v5", computeMemory, 4985, 0}, // 8 vCPU, 64 GiB
}

// steadySmall is a small server where a burstable one would not do: those have neither a pooler nor a standby
// (https://learn.microsoft.com/azure/postgresql/connectivity/concepts-pgbouncer,
// https://learn.microsoft.com/azure/reliability/reliability-postgresql-flexible-server).
var steadySmall = databaseSizes[cluster.Medium]

const (
	// PgBouncer runs beside the server and scales to 10,000 clients with little cost
	// (https://learn.microsoft.com/azure/postgresql/connectivity/concepts-pgbouncer); what is planned with is a
	// multiple of the server's connections and never above that.
	poolClientsPerConnection = 10
	mostPoolClients          = 10000
	// poolPercent is the share of the server's connections that PgBouncer opens; the rest is for administration.
	poolPercent = 80
)

// databaseCompute is what a server runs on.
func databaseCompute(args database.Args, pooled bool) (computeSize, error) {
	size, ok := databaseSizes[args.Size]
	if !ok {
		return computeSize{}, fmt.Errorf("no Azure database of size %q: sizes are %v", args.Size, cluster.Sizes)
	}
	if size.tier == computeBurstable && (pooled || args.MultiZone) {
		return steadySmall, nil
	}
	return size, nil
}

// DatabaseLimits tells the connections that a size accepts, directly and through PgBouncer. A small server that
// has a pooler is of the steady kind.
func (d *Driver) DatabaseLimits(size cluster.Size) (database.Limits, error) {
	direct, err := databaseCompute(database.Args{Size: size}, false)
	if err != nil {
		return database.Limits{}, err
	}
	pooled, err := databaseCompute(database.Args{Size: size}, true)
	if err != nil {
		return database.Limits{}, err
	}
	return database.Limits{Direct: direct.connections, Pooled: poolClients(pooled)}, nil
}

// poolClients are the clients that PgBouncer accepts on a server.
func poolClients(size computeSize) int {
	return min(size.connections*poolClientsPerConnection, mostPoolClients)
}

// storageSteps are the sizes in GiB of the disks that a server can have. 4,095 stands for 4 TiB: at 4,096 the
// disk would lose its cache, and 32,767 is the most that the service takes
// (https://learn.microsoft.com/azure/postgresql/compute-storage/concepts-storage-premium-ssd).
var storageSteps = []int{32, 64, 128, 256, 512, 1024, 2048, 4095, 8192, 16384, 32767}

// storageStep is the smallest disk that holds so many GiB.
func storageStep(gib int) (int, error) {
	i, _ := slices.BinarySearch(storageSteps, gib)
	if i == len(storageSteps) {
		return 0, fmt.Errorf("storage of %d GiB: the largest disk of a Postgres server on Azure has %d", gib, storageSteps[i-1])
	}
	return storageSteps[i], nil
}

var _ database.Sizer = (*Driver)(nil)
