package azure

import "strconv"

// poolerPort is where PgBouncer listens, at the server's own name
// (https://learn.microsoft.com/azure/postgresql/connectivity/concepts-pgbouncer).
const poolerPort = 6432

// parameter is a setting of a server, and the part of its logical name.
type parameter struct{ role, name, value string }

// databaseParameters are the server's settings that differ from the defaults, or that must not: TLS is on
// unless someone switched it off. PgBouncer's own are there only once it is on
// (https://learn.microsoft.com/azure/postgresql/parameters/parameters-pgbouncer).
func databaseParameters(compute computeSize, pooled bool) []parameter {
	parameters := []parameter{{"secure-transport", "require_secure_transport", "on"}}
	if !pooled {
		return parameters
	}
	return append(parameters,
		parameter{"pooler", "pgbouncer.enabled", "true"},
		parameter{"pooler-clients", "pgbouncer.max_client_conn", strconv.Itoa(poolClients(compute))},
		// For each pair of user and database, of which there is one.
		parameter{"pooler-connections", "pgbouncer.default_pool_size", strconv.Itoa(compute.connections * poolPercent / 100)},
	)
}
