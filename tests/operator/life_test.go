package operator

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
	"platform/tests/world"
)

// TestAnEnvironmentsLifeIsWhatIsTyped goes by the README's way on a real account: an up, a plan and its apply, drift and its remedy, a
// rebuild, and the end; on the way what must be refused is.
func TestAnEnvironmentsLifeIsWhatIsTyped(t *testing.T) {
	t.Parallel()
	p := newPlace(t, settings(t, "dev-aws"))
	p.must("pulumi", "stack", "init", "dev-aws", "--secrets-provider", cloud.Secrets)

	// The encrypted key is in the environment's file now, which nobody has committed.
	if out, err := p.make("up", "ENV=dev-aws", "YES=1"); err == nil || !strings.Contains(out, "not committed") {
		t.Fatalf("an up from a tree that is not clean: %v\n%s", err, tail(out))
	}
	p.commit("two")
	p.must("git", "checkout", "-q", "-b", "change")
	p.must("git", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "--allow-empty", "-m", "three")
	if out, err := p.make("up", "ENV=dev-aws", "YES=1"); err == nil || !strings.Contains(out, "is not on main") {
		t.Fatalf("an up of a branch: %v\n%s", err, tail(out))
	}
	p.must("git", "checkout", "-q", "main")
	if out, err := p.make("up", "ENV=staging-aws", "YES=1"); err == nil || !strings.Contains(out, "and staging-aws is in") {
		t.Fatalf("an up with the credentials of another account: %v\n%s", err, tail(out))
	}
	if n := len(p.cloud.Journal.Calls()); n > 0 {
		t.Fatalf("%d calls were made by what was refused", n)
	}

	says(t, "an up", p.makes("up", "ENV=dev-aws", "YES=1"), "the credentials are of", "the state is kept in .cache/state/dev-aws")
	before := p.cloud.Inventory()
	if n := len(cloud.Left(before)); n < 500 {
		t.Fatalf("%d objects were built", n)
	}
	p.makes("plan", "ENV=dev-aws")
	if out := p.makes("changes", "ENV=dev-aws"); !strings.Contains(out, "changes=0") {
		t.Errorf("the plan of what is up has %q", out)
	}
	p.makes("apply", "ENV=dev-aws")
	if copies, err := os.ReadDir(filepath.Join(p.dir, ".cache/state/dev-aws")); err != nil || len(copies) != 2 {
		t.Errorf("there are %d copies of the state (%v), want one before the up and one before the apply", len(copies), err)
	}

	p.makes("drift", "ENV=dev-aws")
	opened := ""
	if err := p.cloud.Meddle(func(tx *cloud.Tx) error {
		o := tx.Find("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", func(*cloud.Object) bool { return true })[0]
		opened, o = o.URN, tx.Get(o.Type, o.ID)
		rule := []any{map[string]any{"protocol": "tcp", "fromPort": float64(22), "toPort": float64(22), "cidrBlocks": []any{"0.0.0.0/0"}}}
		o.Inputs["ingress"], o.Outputs["ingress"] = rule, rule
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	out, err := p.make("drift", "ENV=dev-aws")
	if err == nil {
		t.Error("drift ends well although a security group was opened")
	}
	says(t, "drift", out, opened, "urgent", "make up ENV=<env> REFRESH=1")
	p.makes("up", "ENV=dev-aws", "YES=1", "REFRESH=1")
	p.makes("drift", "ENV=dev-aws")

	says(t, "a rebuild", p.makes("rebuild", "ENV=dev-aws"), "destroy", "nothing is left among", "are equal to what was there")
	if d := cloud.Difference(before, p.cloud.Inventory()); len(d) > 0 {
		t.Errorf("rebuilt, it is not what it was:\n%s", tail(strings.Join(d, "\n")))
	}
	// Its cluster does not answer any more; what that leaves goes as well.
	if err := p.cloud.Meddle(func(tx *cloud.Tx) error {
		if n := controller.Silence(tx, "aws:eks/cluster:Cluster"); n != 1 {
			return fmt.Errorf("%d clusters were silenced", n)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	says(t, "a destroy", p.makes("destroy", "ENV=dev-aws", "YES=1"), "ended ec2:instance", "ended ec2:volume", "destroying once more what they held",
		"0 things were ended")
	for _, o := range cloud.Left(p.cloud.Inventory()) {
		t.Errorf("left: %s", o)
	}
}

// TestAnEnvironmentOfSomeHoursIsWhatIsTyped brings one up, prolongs it, lets a reap pass by, and ends it.
func TestAnEnvironmentOfSomeHoursIsWhatIsTyped(t *testing.T) {
	t.Parallel()
	mould, err := world.Mould("aws", "eu-central-1")
	if err != nil {
		t.Fatal(err)
	}
	p := newPlace(t, mould)
	says(t, "an up", p.makes("ephemeral-up", "NAME=pr-1", "ON=aws", "OWNER=octocat", "TTL=1h", "SERVICES=accounts"),
		"pr-1 lives until", "https://mobile-pr-1.ephemeral.", "credentials: ")
	kubeconfig := filepath.Join(p.dir, ".cache/ephemeral/pr-1/kubeconfig")
	if info, err := os.Stat(kubeconfig); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("what opens the cluster: %v, %v", info, err)
	}
	says(t, "a list", p.makes("ephemeral-list"), "pr-1", "octocat", "accounts")
	says(t, "an extension", p.makes("ephemeral-extend", "NAME=pr-1", "BY=2h"), "pr-1 lives until")
	says(t, "a reap", p.makes("reap", "ON=aws"), "0 ended, 0 failed, 1 live on")
	before := len(p.cloud.Inventory())
	if out, err := p.make("ephemeral-down", "NAME=dev-aws"); err == nil {
		t.Errorf("an environment that lives for good was ended:\n%s", tail(out))
	}
	if after := len(p.cloud.Inventory()); after != before {
		t.Errorf("%d objects are there, %d were", after, before)
	}
	says(t, "an end", p.makes("ephemeral-down", "NAME=pr-1"), "nothing is left among", "is free")
	for _, o := range cloud.Left(p.cloud.Inventory()) {
		t.Errorf("left: %s", o)
	}
	if _, err := os.Stat(kubeconfig); !os.IsNotExist(err) {
		t.Errorf("what opened the cluster is still there: %v", err)
	}
}
