package rules

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// The oldest versions that still get security fixes, by their makers or by the clouds' extended support:
//   - Kubernetes: https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html,
//     https://learn.microsoft.com/azure/aks/supported-kubernetes-versions, https://cloud.google.com/kubernetes-engine/docs/release-schedule
//   - Postgres: https://www.postgresql.org/support/versioning/
var (
	oldestKubernetes = [2]int{1, 32}
	oldestPostgres   = [2]int{15, 0}
)

var versions = Rule{
	ID: "supported-version", Severity: High, Controls: patched,
	Holds: "Clusters and databases run versions that still get security fixes",
	Why:   "a hole that is found in an older version stays open",
	Mend:  "raise cluster.version or database.version in the environment's file, one minor version at a time",
	table: map[string][]condition{
		"aws:eks/cluster:Cluster":     {must("version", notOlder("", oldestKubernetes), "https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html")},
		"aws:eks/nodeGroup:NodeGroup": {must("version", orNothing(notOlder("", oldestKubernetes)), "https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html")},
		"aws:rds/instance:Instance": {
			must("engineVersion", notOlder("", oldestPostgres), "https://www.postgresql.org/support/versioning/").
				on(where("engine", is("postgres"))),
		},
		"azure-native:containerservice:ManagedCluster": {must("kubernetesVersion", notOlder("", oldestKubernetes), "https://learn.microsoft.com/azure/aks/supported-kubernetes-versions")},
		"azure-native:containerservice:AgentPool":      {must("orchestratorVersion", orNothing(notOlder("", oldestKubernetes)), "https://learn.microsoft.com/azure/aks/supported-kubernetes-versions")},
		"azure-native:dbforpostgresql:Server":          {must("version", notOlder("", oldestPostgres), "https://www.postgresql.org/support/versioning/")},
		"gcp:container/cluster:Cluster":                {must("minMasterVersion", notOlder("", oldestKubernetes), "https://cloud.google.com/kubernetes-engine/docs/release-schedule")},
		"gcp:sql/databaseInstance:DatabaseInstance":    {must("databaseVersion", notOlder("POSTGRES_", oldestPostgres), "https://www.postgresql.org/support/versioning/")},
	},
}

// notOlder wants a version that is not before the oldest, after a prefix.
func notOlder(prefix string, oldest [2]int) test {
	return allow(fmt.Sprintf("%s%d.%d or later", prefix, oldest[0], oldest[1]), func(v property.Value) bool {
		var major, minor int
		rest, ok := strings.CutPrefix(text(v), prefix)
		if n, _ := fmt.Sscanf(rest, "%d.%d", &major, &minor); !ok || n == 0 {
			return false
		}
		return major > oldest[0] || major == oldest[0] && minor >= oldest[1]
	})
}
