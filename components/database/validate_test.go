package database_test

import (
	"testing"

	"platform/components/database"
	"platform/components/limit"
)

var offer = database.Offer{
	Versions: []string{"14", "15", "16", "17"}, StorageGiB: limit.Range{Least: 20, Most: 65536}, BackupDays: limit.Range{Least: 1, Most: 35},
}

func TestValidArgsHaveNoFault(t *testing.T) {
	args := database.Args{Service: "payments", Version: "16", StorageGiB: 20, BackupDays: 35}
	if err := args.Validate(offer); err != nil {
		t.Error(err)
	}
}

func TestALastSnapshotIsForCloudsThatTakeOne(t *testing.T) {
	args := database.Args{Service: "payments", Version: "16", StorageGiB: 20, BackupDays: 35, FinalSnapshot: true}
	want := "finalSnapshot: value true: false is allowed: " + database.NoFinalSnapshot
	if err := args.Validate(offer); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	taking := offer
	taking.FinalSnapshots = true
	if err := args.Validate(taking); err != nil {
		t.Error(err)
	}
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	err := database.Args{Service: "Pay ments", Version: "9.6", StorageGiB: 19, BackupDays: 36}.Validate(offer)
	want := `service: value "Pay ments": lower-case words joined by hyphens are allowed
version: value "9.6": one of [14 15 16 17] is allowed
storageGiB: value 19: 20 to 65536 is allowed
backupDays: value 36: 1 to 35 is allowed`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
