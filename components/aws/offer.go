package aws

import (
	"maps"
	"slices"

	"platform/components/cluster"
	"platform/components/database"
	"platform/components/foundation"
	"platform/components/gateway"
	"platform/components/limit"
	"platform/components/network"
	"platform/components/queue"
)

// FoundationOffer is what KMS allows
// (https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html).
func (d *Driver) FoundationOffer() foundation.Offer {
	return foundation.Offer{KeyDeletionDays: limit.Range{Least: 7, Most: 30}}
}

// NetworkOffer is everything.
func (d *Driver) NetworkOffer() network.Offer {
	return network.Offer{NATs: network.NATs, Endpoints: network.Endpoints}
}

// ClusterOffer is what EKS allows for managed node groups
// (https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html), which hold the system pool at the number of nodes
// that it begins with; Karpenter makes the others' when pods need them, and holds none. Then the versions for which add-ons are
// pinned, and disks from what images need to what EBS has
// (https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html#gp3-ebs-volume-type).
func (d *Driver) ClusterOffer() cluster.Offer {
	return cluster.Offer{
		Versions:  slices.Sorted(maps.Keys(addonVersions)),
		PoolNodes: limit.Range{Least: 0, Most: 450}, Steady: true,
		DiskGiB: limit.Range{Least: 20, Most: 16384},
	}
}

// DatabaseOffer is what RDS allows: the majors that it supports in its standard support
// (https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html),
// storage (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html#gp3-storage) and backups
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html).
func (d *Driver) DatabaseOffer() database.Offer {
	return database.Offer{
		Versions:   []string{"14", "15", "16", "17"},
		StorageGiB: limit.Range{Least: 20, Most: 65536},
		BackupDays: limit.Range{Least: 1, Most: 35}, FinalSnapshots: true,
	}
}

// QueueOffer is what SQS allows
// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html).
func (d *Driver) QueueOffer() queue.Offer {
	return queue.Offer{
		RetentionDays: limit.Range{Least: 1, Most: 14},
		MaxReceives:   limit.Range{Least: 1, Most: 1000},
		VisibilitySec: limit.Range{Least: 0, Most: 43200},
	}
}

// GatewayOffer is tokens and certificates: keys are of REST APIs, which have no JWT of their own
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html). Rates are within an account's requests per second and burst
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html).
func (d *Driver) GatewayOffer() gateway.Offer {
	return gateway.Offer{
		Auths: []gateway.Auth{gateway.JWT, gateway.MutualTLS}, Rate: limit.Range{Least: 1, Most: 10000}, Burst: limit.Range{Least: 1, Most: 5000},
	}
}
