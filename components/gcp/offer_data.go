package gcp

import (
	"platform/components/database"
	"platform/components/limit"
	"platform/components/queue"
)

// DatabaseOffer is what Cloud SQL allows: majors (https://cloud.google.com/sql/docs/postgres/db-versions), storage
// (https://cloud.google.com/sql/docs/postgres/quotas#storage_limits) and days that a point in time can be restored
// (https://cloud.google.com/sql/docs/postgres/backup-recovery/pitr#log-retention).
func (d *Driver) DatabaseOffer() database.Offer {
	return database.Offer{
		Versions:   []string{"14", "15", "16", "17"},
		StorageGiB: limit.Range{Least: 10, Most: 65536},
		BackupDays: limit.Range{Least: 1, Most: 35},
	}
}

// QueueOffer is what a subscription allows: retention, delivery attempts before a message is dead, and the deadline
// of an acknowledgement (https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions).
func (d *Driver) QueueOffer() queue.Offer {
	return queue.Offer{
		RetentionDays: limit.Range{Least: 1, Most: longestRetentionDays},
		MaxReceives:   limit.Range{Least: 5, Most: 100},
		VisibilitySec: limit.Range{Least: 10, Most: 600},
	}
}
