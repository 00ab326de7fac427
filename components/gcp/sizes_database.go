package gcp

import (
	"fmt"

	"platform/components/cluster"
	"platform/components/database"
)

// The editions of Cloud SQL (https://cloud.google.com/sql/docs/postgres/editions-intro).
const (
	editionEnterprise     = "ENTERPRISE"
	editionEnterprisePlus = "ENTERPRISE_PLUS"
)

// databaseSize is a machine of each edition, and the connections that it accepts.
type databaseSize struct {
	tiers       map[string]string // by edition
	connections int
}

// databaseSizes take machines of two to sixteen processors
// (https://cloud.google.com/sql/docs/postgres/machine-series-overview). The connections are the default of
// max_connections for the memory of the Enterprise edition's machine, 7.5, 15 and 60 GiB
// (https://cloud.google.com/sql/docs/postgres/flags#postgres-m); the server is given the number as a flag, so that
// what is counted with is what it has, whatever its machine.
var databaseSizes = map[cluster.Size]databaseSize{
	cluster.Small: {
		tiers:       map[string]string{editionEnterprise: "db-custom-2-7680", editionEnterprisePlus: "db-perf-optimized-N-2"},
		connections: 400,
	},
	cluster.Medium: {
		tiers:       map[string]string{editionEnterprise: "db-custom-4-15360", editionEnterprisePlus: "db-perf-optimized-N-4"},
		connections: 500,
	},
	cluster.Large: {
		tiers:       map[string]string{editionEnterprise: "db-custom-16-61440", editionEnterprisePlus: "db-perf-optimized-N-8"},
		connections: 800,
	},
}

// enterpriseLogDays is how long the Enterprise edition keeps what a point in time is restored from; Enterprise Plus
// keeps it for 35 days (https://cloud.google.com/sql/docs/postgres/backup-recovery/pitr#log-retention).
const enterpriseLogDays = 7

// databaseEdition is the one that can restore a point in time from so many days ago; the lesser one if it can.
func databaseEdition(backupDays int) string {
	if backupDays > enterpriseLogDays {
		return editionEnterprisePlus
	}
	return editionEnterprise
}

// DatabaseLimits tells the connections that a size accepts. There is no pooler: Cloud SQL's own needs a setting that
// the provider does not have (https://cloud.google.com/sql/docs/postgres/managed-connection-pooling), and the Auth
// Proxy passes each connection on as one.
func (d *Driver) DatabaseLimits(size cluster.Size) (database.Limits, error) {
	s, err := databaseSizeOf(size)
	if err != nil {
		return database.Limits{}, err
	}
	return database.Limits{Direct: s.connections}, nil
}

func databaseSizeOf(size cluster.Size) (databaseSize, error) {
	s, ok := databaseSizes[size]
	if !ok {
		return databaseSize{}, fmt.Errorf("no Google Cloud database of size %q: sizes are %v", size, cluster.Sizes)
	}
	return s, nil
}

var _ database.Sizer = (*Driver)(nil)
