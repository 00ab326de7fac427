package gcp_test

import (
	"maps"
	"net/netip"
	"strings"
	"testing"

	"platform/tests/cloud"
)

const (
	serverType   = "gcp:sql/databaseInstance:DatabaseInstance"
	databaseType = "gcp:sql/database:Database"
	userType     = "gcp:sql/user:User"
)

// settings are those of a private server with some changes; a path has one dot at most.
func settings(changes map[string]any) map[string]any {
	s := map[string]any{
		"tier": "db-custom-2-7680", "edition": "ENTERPRISE", "diskSize": 20.0,
		"ipConfiguration":     map[string]any{"ipv4Enabled": false, "privateNetwork": "projects/platform-dev/global/networks/dev", "allocatedIpRange": "services"},
		"backupConfiguration": map[string]any{"enabled": true, "pointInTimeRecoveryEnabled": true, "transactionLogRetentionDays": 7.0},
		"databaseFlags":       []any{map[string]any{"name": "cloudsql.iam_authentication", "value": "on"}},
	}
	for path, value := range changes {
		head, rest, nested := strings.Cut(path, ".")
		if !nested {
			s[head] = value
			continue
		}
		inner := maps.Clone(s[head].(map[string]any))
		inner[rest] = value
		s[head] = inner
	}
	return s
}

func serverInputs(changes map[string]any) map[string]any {
	return map[string]any{
		"name": "payments", "project": dataProject, "databaseVersion": "POSTGRES_16", "deletionProtection": false,
		"encryptionKeyName": dataKey, "settings": settings(changes),
	}
}

func TestServersThatCloudSQLRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		inputs, settings map[string]any
		want             string
	}{
		"of an edition without the machine":     {nil, map[string]any{"edition": "ENTERPRISE_PLUS"}, "invalid tier (db-custom-2-7680) for (ENTERPRISE_PLUS)"},
		"of the edition that a version implies": {nil, map[string]any{"edition": nil}, "for (ENTERPRISE_PLUS) edition"},
		"with an odd number of processors":      {nil, map[string]any{"tier": "db-custom-3-7680"}, "invalid tier"},
		"with too much memory for processors":   {nil, map[string]any{"tier": "db-custom-2-15360"}, "invalid tier"},
		"with memory in odd steps":              {nil, map[string]any{"tier": "db-custom-2-7700"}, "invalid tier"},
		"with logs of more than a week":         {nil, map[string]any{"backupConfiguration.transactionLogRetentionDays": 8.0}, "1 to 7 are allowed in the ENTERPRISE edition"},
		"with fewer backups than days of logs": {nil, map[string]any{"backupConfiguration.backupRetentionSettings": map[string]any{"retainedBackups": 6.0}},
			"logs of 7 days need as many backups, and 6 are retained"},
		"regional without recovery":   {nil, map[string]any{"availabilityType": "REGIONAL", "backupConfiguration.pointInTimeRecoveryEnabled": false}, "a regional instance needs"},
		"recoverable without backups": {nil, map[string]any{"backupConfiguration.enabled": false}, "needs automated backups"},
		"with an unknown flag":        {nil, map[string]any{"databaseFlags": []any{map[string]any{"name": "work_memory", "value": "1"}}}, "the flag work_memory is not known"},
		"with too many connections": {nil, map[string]any{"databaseFlags": []any{map[string]any{"name": "max_connections", "value": "262144"}}},
			`the value "262144" is not allowed`},
		"without any address":              {nil, map[string]any{"ipConfiguration": map[string]any{"ipv4Enabled": false}}, "at least one of ipv4Enabled and privateNetwork"},
		"in a network without connection":  {nil, map[string]any{"ipConfiguration.privateNetwork": "projects/platform-dev/global/networks/other"}, "at least 1 private services connection"},
		"in a range of another connection": {nil, map[string]any{"ipConfiguration.allocatedIpRange": "others"}, `"others" is none of the connection's`},
		"with a disk that is too small":    {nil, map[string]any{"diskSize": 9.0}, "at least 10"},
		"with a setting that nobody knows": {nil, map[string]any{"connectionPoolConfig": map[string]any{}}, "do not know this property"},
		"with a key of another region":     {map[string]any{"region": "europe-west4"}, nil, "must be in europe-west4"},
		"with a key that is not there":     {map[string]any{"encryptionKeyName": dataKey + "2"}, nil, "does not exist"},
		"of a name with capitals":          {map[string]any{"name": "Payments"}, nil, "does not match"},
		"of a name that is too long":       {map[string]any{"name": strings.Repeat("a", 86)}, nil, "has 99 characters, allowed are 98"},
		"of a version that is not there":   {map[string]any{"databaseVersion": "POSTGRES_9_6"}, nil, "databaseVersion"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newDataWorld(t)
			if _, err := w.Create(serverType, serverInputs(c.settings), c.inputs); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want one that says %q", err, c.want)
			}
			if n := len(w.All("sql:user")); n != 0 {
				t.Errorf("%d users were made", n)
			}
		})
	}
}

func TestAKeyWithoutAGrantToTheAgentIsRefused(t *testing.T) {
	w := newDataWorld(t)
	other := strings.Replace(dataKey, "data", "other", 1)
	w.mint("gcp:kms/cryptoKey:CryptoKey", other, nil)
	w.mint("gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember", "wrong", map[string]any{
		"cryptoKeyId": other, "role": "roles/cloudkms.cryptoKeyEncrypterDecrypter", "member": agentMember("gcp-sa-other"),
	})
	for typ, inputs := range map[string]map[string]any{
		serverType:   {"encryptionKeyName": other},
		topicType:    {"kmsKeyName": other},
		documentType: {"cmekConfig": map[string]any{"kmsKeyName": other}},
		secretType: {"replication": map[string]any{"userManaged": map[string]any{"replicas": []any{
			map[string]any{"location": "europe-west3", "customerManagedEncryption": map[string]any{"kmsKeyName": other}},
		}}}},
	} {
		whole := map[string]map[string]any{
			serverType: serverInputs(nil), topicType: topicInputs("orders"), documentType: documentInputs(), secretType: secretInputs(),
		}[typ]
		if _, err := w.Create(typ, whole, inputs); !cloud.Refused(err, "FAILED_PRECONDITION") {
			t.Errorf("%s: error is %v", typ, err)
		}
		if _, err := w.Create(typ, whole, nil); err != nil {
			t.Errorf("%s with its own key: %v", typ, err)
		}
	}
}

func TestAServerHoldsItsConnectionAndKeepsItsName(t *testing.T) {
	w := newDataWorld(t)
	server := w.Have(serverType, serverInputs(nil))
	address, err := netip.ParseAddr(server.Str("privateIpAddress"))
	if err != nil || !netip.MustParsePrefix("10.9.0.0/16").Contains(address) || server.Str("publicIpAddress") != "" {
		t.Errorf("its addresses are %v (%v), public %q", address, err, server.Str("publicIpAddress"))
	}
	if len(server.Holds) != 1 || server.Holds[0].Type != "gcp:servicenetworking/connection:Connection" {
		t.Errorf("it holds %v", server.Holds)
	}
	if users, databases := len(w.All("sql:user")), len(w.All("sql:database")); users != 1 || databases != 1 {
		t.Errorf("%d users and %d databases came with it, want one of each", users, databases)
	}
	if err := w.Remove(server); err != nil {
		t.Fatal(err)
	}
	for _, typ := range []string{"sql:user", "sql:database"} {
		if left := w.All(typ); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	}
	if _, err := w.Create(serverType, serverInputs(nil), nil); !cloud.Refused(err, "AlreadyExists") {
		t.Errorf("the name of a deleted server: %v", err)
	}
}

func TestAProtectedServerIsNotDeleted(t *testing.T) {
	w := newDataWorld(t)
	inputs := serverInputs(map[string]any{"deletionProtectionEnabled": true})
	inputs["deletionProtection"] = nil // the provider's default is to protect
	server, err := w.Create(serverType, inputs, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Remove(server); err == nil || !strings.Contains(err.Error(), "deletion_protection is set to true") {
		t.Errorf("protected by the provider: %v", err)
	}
	if err := w.Update(server, map[string]any{"deletionProtection": false}); err != nil {
		t.Fatal(err)
	}
	if err := w.Remove(server); err == nil || !strings.Contains(err.Error(), "please disable the deletion protection") {
		t.Errorf("protected by the cloud: %v", err)
	}
	if err := w.Update(server, map[string]any{"settings": settings(map[string]any{"deletionProtectionEnabled": false})}); err != nil {
		t.Fatal(err)
	}
	if err := w.Remove(server); err != nil {
		t.Errorf("without protection: %v", err)
	}
}

func TestAServerGrowsAndGoesForwardOnly(t *testing.T) {
	w := newDataWorld(t)
	server := w.Have(serverType, serverInputs(nil))
	for want, changes := range map[string]map[string]any{
		"storage cannot shrink":        {"settings": settings(map[string]any{"diskSize": 10.0})},
		"cannot go back from version":  {"databaseVersion": "POSTGRES_15"},
		"cannot be taken away":         {"settings": settings(map[string]any{"ipConfiguration": map[string]any{"ipv4Enabled": true}})},
		"invalid tier":                 {"settings": settings(map[string]any{"edition": "ENTERPRISE_PLUS"})},
		"1 to 7 are allowed in the EN": {"settings": settings(map[string]any{"backupConfiguration.transactionLogRetentionDays": 35.0})},
	} {
		if err := w.Update(server, changes); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error is %v, want one that says %q", changes, err, want)
		}
	}
	if err := w.Update(server, map[string]any{
		"databaseVersion": "POSTGRES_17",
		"settings": settings(map[string]any{
			"diskSize": 40.0, "edition": "ENTERPRISE_PLUS", "tier": "db-perf-optimized-N-2", "backupConfiguration.transactionLogRetentionDays": 35.0,
		}),
	}); err != nil {
		t.Error(err)
	}
}

func TestAUserIsAnAccountThatExistsOnAServerThatLetsAccountsIn(t *testing.T) {
	w := newDataWorld(t)
	server := w.Have(serverType, serverInputs(nil))
	user := map[string]any{
		"project": dataProject, "instance": server.ID, "name": "payments@platform-dev.iam", "type": "CLOUD_IAM_SERVICE_ACCOUNT", "deletionPolicy": "ABANDON",
	}
	for want, changes := range map[string]map[string]any{
		"without .gserviceaccount.com": {"name": "payments@platform-dev.iam.gserviceaccount.com"},
		"does not exist":               {"name": "nobody@platform-dev.iam"},
		"an IAM user has no password":  {"password": "opensesame"},
		"needs a password":             {"type": nil},
		"already exists":               {"name": "postgres"},
	} {
		if _, err := w.Create(userType, user, changes); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error is %v, want one that says %q", changes, err, want)
		}
	}
	closed, err := w.Create(serverType, serverInputs(map[string]any{"databaseFlags": nil}), map[string]any{"name": "closed"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Create(userType, user, map[string]any{"instance": closed.ID}); err == nil || !strings.Contains(err.Error(), "cloudsql.iam_authentication") {
		t.Errorf("without the flag: %v", err)
	}
	w.Have(userType, user)
}

func TestPostgresDropsNothingThatIsInUse(t *testing.T) {
	w := newDataWorld(t)
	server := w.Have(serverType, serverInputs(nil))
	contents := map[string]any{"project": dataProject, "instance": server.ID, "deletionPolicy": nil}
	database, err := w.Create(databaseType, contents, map[string]any{"name": "app"})
	if err != nil {
		t.Fatal(err)
	}
	user, err := w.Create(userType, contents, map[string]any{"name": "payments@platform-dev.iam", "type": "CLOUD_IAM_SERVICE_ACCOUNT"})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []*cloud.Object{database, user} {
		if err := w.Remove(o); !cloud.Refused(err, "FAILED_PRECONDITION") {
			t.Errorf("dropping %s: %v", o, err)
		}
		if err := w.Update(o, map[string]any{"deletionPolicy": "ABANDON"}); err != nil {
			t.Fatal(err)
		}
		if err := w.Remove(o); err != nil {
			t.Errorf("abandoning %s: %v", o, err)
		}
	}
	// What was abandoned is in the server until that goes.
	if _, err := w.Create(databaseType, contents, map[string]any{"name": "app"}); !cloud.Refused(err, "ALREADY_EXISTS") {
		t.Errorf("a name that is in use: %v", err)
	}
	if err := w.Remove(server); err != nil {
		t.Fatal(err)
	}
	if left := w.All("sql:database"); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
