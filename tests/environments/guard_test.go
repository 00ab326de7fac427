package environments

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/pubsub"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/tests/rehearsal"
)

// pasteWaivers writes the waivers that a message of the guard proposes into the copy of the environment's file.
func pasteWaivers(t *testing.T, e *rehearsal.Environment, file []byte, message, reason, expires string) {
	t.Helper()
	_, waivers, ok := strings.Cut(message, "commit.\n\n")
	if !ok {
		t.Fatalf("the guard proposes no waivers:\n%.3000s", message)
	}
	waivers = strings.ReplaceAll(waivers, `reason: ""`, fmt.Sprintf("reason: %q", reason))
	if expires != "" {
		waivers = regexp.MustCompile(`expires: ".*"`).ReplaceAllString(waivers, fmt.Sprintf("expires: %q", expires))
	}
	const key = "  platform:environment:\n"
	if err := os.WriteFile(e.StackFile(), []byte(strings.Replace(string(file), key, key+waivers, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestAReplacementNeedsAWaiver brings an environment up on each cloud, changes what builds it, and asks what its next
// up would do: without a waiver, with the one that the guard proposes, and with one that has expired.
func TestAReplacementNeedsAWaiver(t *testing.T) {
	t.Parallel()
	for environment, test := range map[string]struct {
		change func(props pulumi.Input)
		want   []string
	}{
		// Somebody gives all databases another name inside their servers.
		"dev-aws": {
			func(props pulumi.Input) {
				if args, ok := props.(*rds.InstanceArgs); ok {
					args.DbName = pulumi.String("renamed")
				}
			},
			[]string{
				"replace database aws:rds/instance:Instance database-accounts-server", `because: dbName: "app" becomes "renamed"`,
				`mend:    keep dbName at "app"`, "docs/runbooks/replacement.md#database",
			},
		},
		// Topics get another name, by which their subscriptions are replaced as well.
		"dev-gcp": {
			func(props pulumi.Input) {
				if args, ok := props.(*pubsub.TopicArgs); ok {
					args.Name = pulumi.Sprintf("%s-v2", args.Name)
				}
			},
			[]string{
				"replace topic gcp:pubsub/topic:Topic", `because: name: "dev-gcp-order-placed" becomes "dev-gcp-order-placed-v2"`,
				"replace subscription gcp:pubsub/subscription:Subscription", "because: topic: ", "docs/runbooks/replacement.md#subscription",
			},
		},
		// A new version of the component queue makes topics with partitions, which none can become.
		"dev-azure": {
			func(props pulumi.Input) {
				if args, ok := props.(pulumi.Map); ok && args["topicName"] != nil && args["subscriptionName"] == nil {
					args["enablePartitioning"] = pulumi.Bool(true)
				}
			},
			[]string{
				"replace topic azure-native:servicebus:Topic", "because: enablePartitioning: ", " becomes true", "mend:    keep enablePartitioning at ",
				"docs/runbooks/replacement.md#topic",
			},
		},
	} {
		t.Run(environment, func(t *testing.T) {
			t.Parallel()
			ctx, later := context.Background(), false
			var out bytes.Buffer
			e := open(t, environment, t.TempDir(), &out, func(ctx *pulumi.Context) error {
				if later {
					return plant(test.change)(ctx)
				}
				return nil
			})
			if _, err := e.Apply(ctx); err != nil {
				t.Fatalf("%v\n%s", err, tail(out.String()))
			}
			file, err := os.ReadFile(e.StackFile())
			if err != nil {
				t.Fatal(err)
			}
			built := len(e.Cloud.Inventory())
			later = true
			_, err = e.Apply(ctx)
			if err == nil {
				t.Fatal("without a waiver the change is let pass")
			}
			message := err.Error()
			for _, want := range append(test.want, "would be lost in "+environment, "      - urn: \"urn:pulumi:"+environment+"::platform::", "  where:   urn:pulumi:"+environment) {
				if !strings.Contains(message, want) {
					t.Errorf("the guard does not say %q:\n%.6000s", want, message)
				}
			}
			if n := len(e.Cloud.Inventory()); n != built {
				t.Errorf("what the guard refused left %d objects of %d", n, built)
			}
			pasteWaivers(t, e, file, message, "its content was moved this morning", "2026-01-31")
			if _, err := e.Preview(ctx); err == nil || !strings.Contains(err.Error(), "ended on 2026-01-31") || !strings.Contains(err.Error(), "a waiver has expired and counts as none") {
				t.Errorf("with waivers that have expired the guard says\n%.3000v", err)
			}
			pasteWaivers(t, e, file, message, "its content was moved this morning", "")
			out.Reset()
			if _, err := e.Preview(ctx); err != nil || !strings.Contains(out.String(), "guard: waived: replace of urn:pulumi:"+environment) {
				t.Errorf("with waivers: %v\n%s", err, tail(out.String()))
			}
		})
	}
}

// TestAChangedAddressPlanNeedsWaivers changes one word of the file of an environment that is up: its network, and all
// that lies in it, would be built anew.
func TestAChangedAddressPlanNeedsWaivers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	var out bytes.Buffer
	e := open(t, "dev-gcp", t.TempDir(), &out, nothing)
	if _, err := e.Apply(ctx); err != nil {
		t.Fatalf("%v\n%s", err, tail(out.String()))
	}
	file, err := os.ReadFile(e.StackFile())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(e.StackFile(), bytes.Replace(file, []byte("cidr: 10.96.0.0/16"), []byte("cidr: 10.97.0.0/16"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = e.Preview(ctx)
	if err == nil {
		t.Fatal("the change is let pass")
	}
	for _, want := range []string{
		"replace network gcp:compute/subnetwork:Subnetwork network-private", `because: ipCidrRange: "10.96.`, ` becomes "10.97.`, `mend:    keep ipCidrRange at "10.96.`,
		"replace cluster gcp:container/cluster:Cluster",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the guard does not say %q:\n%.6000s", want, err)
		}
	}
}

// TestAThingThatIsReplacedByEachUpTurnsTheRehearsalRed gives topics a name that is new each time the program runs.
func TestAThingThatIsReplacedByEachUpTurnsTheRehearsalRed(t *testing.T) {
	t.Parallel()
	run := 0
	var out bytes.Buffer
	e := open(t, "dev-gcp", t.TempDir(), &out, func(ctx *pulumi.Context) error {
		run++
		suffix := fmt.Sprintf("-%d", run)
		return plant(func(props pulumi.Input) {
			if args, ok := props.(*pubsub.TopicArgs); ok {
				args.Name = pulumi.Sprintf("%s%s", args.Name, suffix)
			}
		})(ctx)
	})
	err := e.Rehearse(context.Background())
	if err == nil {
		t.Fatal("the rehearsal is green")
	}
	for _, want := range []string{
		`stage "up again`, "would be lost in dev-gcp, and no waiver lets that be", "replace topic gcp:pubsub/topic:Topic",
		`because: name: "dev-gcp-order-placed-2" becomes "dev-gcp-order-placed-3"`, `mend:    keep name at "dev-gcp-order-placed-2"`, "    waivers:\n",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%.4000s", want, err)
		}
	}
}
