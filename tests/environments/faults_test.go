package environments

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
)

// TestAFaultyFileBuildsNothing rehearses a copy of an environment with mistakes in it.
func TestAFaultyFileBuildsNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var out bytes.Buffer
	e := open(t, "dev-aws", dir, &out, nothing)
	file, err := os.ReadFile(e.StackFile())
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("nat: single", "nat: double", "flowLogDays: 7", "flowLogDays: week", "backupDays: 7", "backupDays: 99",
		"cidr: 10.16.0.0/16", "cidr: 10.48.0.0/20", "retentionDays: 4", "retentionDays: 40", "size: small, min: 2", "size: tiny, min: 2",
		"deletionDays: 7", "deletionDays: 1", "staff: {auth: jwt", "staff: {auth: none").Replace(string(file))
	if err := os.WriteFile(e.StackFile(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = e.Up(context.Background())
	if err == nil {
		t.Fatal("the faulty environment was built")
	}
	for _, path := range []string{
		"cluster.pools.system.size", "database.backupDays", "gateway.audiences.staff.auth", "keys.deletionDays",
		"network.cidr", "network.flowLogDays", "network.nat", "queue.retentionDays",
	} {
		if !strings.Contains(err.Error(), "\n"+path+": value") && !strings.Contains(err.Error(), path+": value") {
			t.Errorf("%s is not named in\n%v", path, err)
		}
	}
	for _, o := range e.Cloud.Inventory() {
		if !o.Preexisting {
			t.Errorf("%s was built", o)
		}
	}
}
