package rules

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// What one machine, one database and one pool may be in each tier.
var (
	machineCores  = tiers{"development": 8, "staging": 16, Production: 64}
	databaseCores = tiers{"development": 4, "staging": 8, Production: 64}
	poolMachines  = tiers{"development": 10, "staging": 20, Production: 200}
	// poolCores are those of as many machines of the largest size.
	poolCores = tiers{"development": 10 * 8, "staging": 20 * 16, Production: 200 * 64}
)

var sizes = Rule{
	ID: "size-by-tier", Severity: Medium, Controls: sized,
	Holds: "Machines and databases are not larger than the tier asks for",
	Why:   "a development environment at the size of production costs as much, day and night",
	Mend:  "choose a smaller size in the environment's file or the catalogue",
	table: map[string][]condition{
		"aws:eks/nodeGroup:NodeGroup": {
			must("instanceTypes[]", atMost(machineCores, "cores", awsCores), "https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-type-specifications.html"),
		},
		"kubernetes:karpenter.sh/v1:NodePool": {
			must("spec.template.spec.requirements[].values[]", atMost(machineCores, "cores", machinesOf), "https://karpenter.sh/docs/concepts/nodepools/"),
		},
		"aws:rds/instance:Instance": {
			must("instanceClass", atMost(databaseCores, "cores", awsCores), "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html"),
		},
		"azure-native:containerservice:AgentPool": {
			must("vmSize", atMost(machineCores, "cores", azureCores), "https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions"),
		},
		"azure-native:containerservice:ManagedCluster": {
			must("agentPoolProfiles[].vmSize", atMost(machineCores, "cores", azureCores), "https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions"),
		},
		"azure-native:dbforpostgresql:Server": {
			must("sku.name", atMost(databaseCores, "cores", azureCores), "https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-compute"),
		},
		"gcp:container/nodePool:NodePool": {
			must("nodeConfig.machineType", atMost(machineCores, "cores", gcpCores), "https://cloud.google.com/compute/docs/general-purpose-machines"),
		},
		"gcp:sql/databaseInstance:DatabaseInstance": {
			must("settings.tier", atMost(databaseCores, "cores", gcpCores), "https://cloud.google.com/sql/docs/postgres/machine-series-overview"),
		},
	},
}

var counts = Rule{
	ID: "count-by-tier", Severity: Medium, Controls: sized,
	Holds: "A pool cannot grow beyond what the tier asks for",
	Why:   "an autoscaler without a bound turns one mistake of a service into a bill",
	Mend:  "lower the pool's max in the environment's file",
	table: map[string][]condition{
		"aws:eks/nodeGroup:NodeGroup": {
			must("scalingConfig.maxSize", bounded, "https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html"),
		},
		"kubernetes:karpenter.sh/v1:NodePool": {
			must("spec.limits.cpu", given("a limit of cores"), "https://karpenter.sh/docs/concepts/nodepools/"),
			must("spec.limits.cpu", atMost(poolCores, "cores", number), "https://karpenter.sh/docs/concepts/nodepools/"),
		},
		"azure-native:containerservice:AgentPool": {
			must("maxCount", bounded, "https://learn.microsoft.com/azure/aks/cluster-autoscaler"),
		},
		"azure-native:containerservice:ManagedCluster": {
			must("agentPoolProfiles[].maxCount", bounded, "https://learn.microsoft.com/azure/aks/cluster-autoscaler"),
		},
		"gcp:container/nodePool:NodePool": {
			must("autoscaling.totalMaxNodeCount", bounded, "https://cloud.google.com/kubernetes-engine/docs/concepts/cluster-autoscaler"),
		},
	},
}

var bounded = atMost(poolMachines, "machines", number)

// awsSizes are the cores of a size below xlarge; that one has 4, and 2xlarge twice as many.
var awsSizes = map[string]float64{"nano": 2, "micro": 2, "small": 2, "medium": 2, "large": 2, "xlarge": 4}

// awsCores reads the last part of a name such as m7i.2xlarge or db.t4g.medium. An unknown size is none, so that the
// rule asks for it to be learnt.
func awsCores(v property.Value) (float64, bool) {
	name := text(v)
	size := name[strings.LastIndexByte(name, '.')+1:]
	if cores, ok := awsSizes[size]; ok {
		return cores, true
	}
	times, err := strconv.Atoi(strings.TrimSuffix(size, "xlarge"))
	return float64(times) * awsSizes["xlarge"], err == nil && strings.HasSuffix(size, "xlarge")
}

// machinesOf reads what a pool asks of its machines: a type of AWS's has a dot, and all else is no size.
func machinesOf(v property.Value) (float64, bool) {
	if !strings.Contains(text(v), ".") {
		return 0, true
	}
	return awsCores(v)
}

var (
	azureName = regexp.MustCompile(`^Standard_[A-Z]+([0-9]+)`)
	gcpName   = regexp.MustCompile(`-([0-9]+)$`)
	gcpCustom = regexp.MustCompile(`-custom-([0-9]+)-[0-9]+$`)
	gcpSmall  = map[string]float64{"e2-micro": 2, "e2-small": 2, "e2-medium": 2, "db-f1-micro": 1, "db-g1-small": 1}
)

func azureCores(v property.Value) (float64, bool) { return digits(azureName, text(v)) }

func gcpCores(v property.Value) (float64, bool) {
	if cores, ok := gcpSmall[text(v)]; ok {
		return cores, true
	}
	if cores, ok := digits(gcpCustom, text(v)); ok {
		return cores, true
	}
	return digits(gcpName, text(v))
}

func digits(pattern *regexp.Regexp, name string) (float64, bool) {
	m := pattern.FindStringSubmatch(name)
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseFloat(m[1], 64)
	return n, err == nil
}
