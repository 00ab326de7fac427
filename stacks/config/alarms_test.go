package config_test

import (
	"testing"

	"platform/components/alarms"
	"platform/stacks/config"
)

func TestAlarmsAreUsualUnlessAnEnvironmentSaysOtherwise(t *testing.T) {
	got := config.Defaults(config.Settings{Alarms: alarms.Bounds{QueueDepth: 50}, Quotas: &config.Quotas{}})
	want := alarms.Bounds{
		CPUPercent: 80, CreditsPercent: 10, StoragePercent: 90, ConnectionsPercent: 80, QueueMinutes: 15, QueueDepth: 50, FailuresPercent: 1, SlowMilliseconds: 1000,
	}
	if got.Alarms != want || got.Quotas.Percent != 80 {
		t.Errorf("got %+v and %+v, want %+v and 80 %%", got.Alarms, got.Quotas, want)
	}
	if bare := config.Defaults(config.Settings{}); bare.Quotas != nil {
		t.Errorf("nobody asked for quotas, and they are watched: %+v", bare.Quotas)
	}
}

func TestAlarmsThatAlwaysOrNeverTellAreRefused(t *testing.T) {
	err := besides(t, "staging-aws", "alarms: {cpuPercent: 100, queueDepth: -1, slowMilliseconds: 30001, creditPercent: 5}\n    quotas: {percent: 100}")
	want := `Pulumi.ephemeral.yaml has faults, nothing was built:
alarms.cpuPercent: value "100": 1 to 99 is allowed
alarms.creditPercent: unknown key: allowed are connectionsPercent, cpuPercent, creditsPercent, failuresPercent, queueDepth, queueMinutes, slowMilliseconds, storagePercent
alarms.queueDepth: value "-1": 1 to 1000000 is allowed
alarms.slowMilliseconds: value "30001": 1 to 30000 is allowed
quotas.percent: value "100": 1 to 99 is allowed`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
