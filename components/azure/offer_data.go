package azure

import (
	"platform/components/database"
	"platform/components/limit"
	"platform/components/queue"
)

// DatabaseOffer is what Azure Database for PostgreSQL allows: the majors of the version of its API that is
// used, but for those that Postgres itself supports no more
// (https://learn.microsoft.com/azure/postgresql/configure-maintain/concepts-version-policy), its disks, which
// come in steps, and its backups
// (https://learn.microsoft.com/azure/postgresql/backup-restore/concepts-backup-restore#backup-retention).
func (d *Driver) DatabaseOffer() database.Offer {
	return database.Offer{
		Versions:   []string{"14", "15", "16"},
		StorageGiB: limit.Range{Least: 1, Most: storageSteps[len(storageSteps)-1]},
		BackupDays: limit.Range{Least: 7, Most: 35},
	}
}

// QueueOffer is what Service Bus allows: a message is dead after 2,000 deliveries at most, and its lock lasts from
// five seconds to five minutes. A message may live for ever; ten years stand for that
// (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas,
// https://learn.microsoft.com/azure/service-bus-messaging/message-transfers-locks-settlement#peeklock).
func (d *Driver) QueueOffer() queue.Offer {
	return queue.Offer{
		RetentionDays: limit.Range{Least: 1, Most: 3650},
		MaxReceives:   limit.Range{Least: 1, Most: 2000},
		VisibilitySec: limit.Range{Least: 5, Most: 300},
	}
}
