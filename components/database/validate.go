package database

import (
	"errors"
	"fmt"
	"slices"

	"platform/components/naming"
)

// Versions are the majors of Postgres that its community still repairs, in the order in which
// messages name them (https://www.postgresql.org/support/versioning/).
var Versions = []string{"14", "15", "16", "17"}

// The ranges of RDS, the only cloud's databases that are built yet:
//   - storage: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html#gp3-storage
//   - backups: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html
const (
	minStorageGiB = 20
	maxStorageGiB = 65536
	minBackupDays = 1
	maxBackupDays = 35
)

// Validate returns every fault of the arguments but those of the connections, which Plan counts; each
// with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	if !naming.IsKebab(a.Service) {
		faults = append(faults, fmt.Errorf("service: value %q: %s", a.Service, naming.Kebab))
	}
	if !slices.Contains(Versions, a.Version) {
		faults = append(faults, fmt.Errorf("version: value %q: one of %v is allowed", a.Version, Versions))
	}
	within := func(path string, value, least, most int) {
		if value < least || value > most {
			faults = append(faults, fmt.Errorf("%s: value %d: %d to %d is allowed", path, value, least, most))
		}
	}
	within("storageGiB", a.StorageGiB, minStorageGiB, maxStorageGiB)
	within("backupDays", a.BackupDays, minBackupDays, maxBackupDays)
	return errors.Join(faults...)
}
