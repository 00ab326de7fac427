package environments

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"

	"platform/stacks/lifecycle/drift"
	"platform/tests/cloud"
)

// meddling is something that somebody does by hand to the first thing of a type whose URN ends so.
type meddling struct {
	kind     string // what it is called in a failure
	typ, end string
	change   func(o *cloud.Object) // nil deletes it
	want     drift.Kind
	severity drift.Severity
	path     string // that must be named
}

// put sets a property as a console does: what was asked for and what is shown are the same then.
func put(property string, value any) func(*cloud.Object) {
	return func(o *cloud.Object) { o.Inputs[property], o.Outputs[property] = value, value }
}

// relabel changes the tags of an object, wherever they are.
func relabel(change func(tags map[string]any)) func(*cloud.Object) {
	return func(o *cloud.Object) {
		for _, values := range []map[string]any{o.Inputs, o.Outputs} {
			for _, property := range []string{"tags", "tagsAll", "labels", "effectiveLabels"} {
				if tags, ok := values[property].(map[string]any); ok {
					change(tags)
				}
			}
		}
	}
}

// The kinds of drift, over the three clouds.
var plants = map[string][]meddling{
	"dev-aws": {
		{"a security group is opened", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "", put("ingress", []any{map[string]any{
			"protocol": "tcp", "fromPort": float64(22), "toPort": float64(22), "cidrBlocks": []any{"0.0.0.0/0"},
		}}), drift.Changed, drift.Urgent, "ingress"},
		{"a tag is removed", "aws:sqs/queue:Queue", "", relabel(func(tags map[string]any) { delete(tags, "team") }), drift.Changed, drift.Low, "team"},
		{"a property is changed", "aws:cloudwatch/logGroup:LogGroup", "cluster-logs", put("retentionInDays", float64(1)), drift.Changed, drift.High, "retentionInDays"},
		{"a grant is deleted", "aws:sqs/queuePolicy:QueuePolicy", "", nil, drift.Deleted, drift.High, ""},
	},
	"dev-azure": {
		{"a security group is opened", "azure-native:network:NetworkSecurityGroup", "network-data-security", func(o *cloud.Object) {
			for _, values := range []map[string]any{o.Inputs, o.Outputs} {
				rules, _ := values["securityRules"].([]any)
				values["securityRules"] = append(slices.Clone(rules), map[string]any{
					"name": "by-hand", "access": "Allow", "direction": "Inbound", "priority": float64(4000), "protocol": "Tcp",
					"sourceAddressPrefix": "Internet", "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "22",
				})
			}
		}, drift.Changed, drift.Urgent, "securityRules"},
		{"a tag has another value", "azure-native:servicebus:Namespace", "", relabel(func(tags map[string]any) { tags["cost-centre"] = "9999" }), drift.Changed, drift.Low, "cost-centre"},
		{"a role assignment is deleted", "azure-native:authorization:RoleAssignment", "cluster-control-plane-subnet", nil, drift.Deleted, drift.High, ""},
	},
	"dev-gcp": {
		{"a label is added", "gcp:pubsub/topic:Topic", "", relabel(func(tags map[string]any) { tags["made-by-hand"] = "yes" }), drift.Changed, drift.Low, "made-by-hand"},
		{"a time is changed", "gcp:pubsub/subscription:Subscription", "", put("ackDeadlineSeconds", float64(599)), drift.Changed, drift.High, "ackDeadlineSeconds"},
		{"a grant is deleted", "gcp:pubsub/topicIAMMember:TopicIAMMember", "", nil, drift.Deleted, drift.High, ""},
	},
}

// byHand is a machine that somebody made with the environment's tags, of which the state knows nothing.
var byHand = map[string]cloud.Object{
	"dev-aws": {Type: "ec2:instance", ID: "i-0123456789abcdef0"},
	"dev-azure": {
		Type: "compute:instance",
		ID:   "/subscriptions/aaaaaaaa-1111-4222-8333-444444444444/resourceGroups/dev-azure/providers/Microsoft.Compute/virtualMachines/by-hand",
	},
	"dev-gcp": {Type: "compute:instance", ID: "projects/platform-dev-example/zones/europe-west3-a/instances/by-hand"},
}

func TestPlantedDriftIsReportedAndMended(t *testing.T) {
	t.Parallel()
	for name, planted := range plants {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, c := context.Background(), shop(t, name, false)
			if _, err := c.e.Up(ctx); err != nil {
				t.Fatal(err)
			}
			s := settings(t, name)
			i := inventoryOf(t, c.e, s)
			find := func() drift.Report {
				t.Helper()
				r, err := drift.Find(ctx, c.e.Stack(), i, s)
				if err != nil {
					t.Fatal(err)
				}
				return r
			}
			before := c.e.Cloud.Inventory()
			if r := find(); len(r.Differences) > 0 {
				t.Fatalf("found before anything was planted: %+v", r.Differences)
			}
			urns := map[string]meddling{}
			machine := byHand[name]
			machine.Hidden, machine.Tags = true, map[string]string{"environment": name, "project": "platform", "team": "shop"}
			if err := c.e.Cloud.Meddle(func(tx *cloud.Tx) error {
				for _, p := range planted {
					found := tx.Find(p.typ, func(o *cloud.Object) bool { return strings.HasSuffix(o.URN, p.end) && urns[o.URN].kind == "" })
					if len(found) == 0 {
						t.Fatalf("%s: there is no %s %s", p.kind, p.typ, p.end)
					}
					urns[found[0].URN] = p
					if p.change == nil {
						tx.Remove(found[0].Key())
						continue
					}
					p.change(tx.Get(p.typ, found[0].ID))
				}
				tx.Mint(machine)
				return nil
			}); err != nil {
				t.Fatal(err)
			}

			r := find()
			missed := maps.Clone(urns)
			added := 0
			for _, d := range r.Differences {
				if d.Kind == drift.Added {
					added++
					if d.Mended || !strings.HasSuffix(d.ID, machine.ID[strings.LastIndex(machine.ID, "/")+1:]) || d.Severity != drift.High {
						t.Errorf("made by hand is %+v", d)
					}
					continue
				}
				p, ok := urns[d.URN]
				if !ok {
					t.Errorf("found, and not planted: %+v", d)
					continue
				}
				delete(missed, d.URN)
				named := p.path == "" || slices.ContainsFunc(d.Changes, func(c drift.Change) bool { return strings.Contains(c.Path, p.path) })
				if d.Kind != p.want || d.Severity != p.severity || !d.Mended || !named {
					t.Errorf("%s: found %+v, want %s, %s, mended, with %q", p.kind, d, p.want, p.severity, p.path)
				}
				if !strings.HasPrefix(d.Who, "https://") {
					t.Errorf("%s: nobody can be asked who did it: %q", p.kind, d.Who)
				}
			}
			for urn, p := range missed {
				t.Errorf("%s: not found: %s", p.kind, urn)
			}
			if added != 1 {
				t.Errorf("%d were made by hand, want 1", added)
			}
			var text bytes.Buffer
			if err := (drift.Reports{r}).Write(&text, "text"); err != nil {
				t.Fatal(err)
			}
			if found := (drift.Reports{r}).Found(); found == nil || r.Worst() < drift.High {
				t.Errorf("the report is %v", found)
			}

			// What somebody made he takes away; all else an up that reads the cloud first puts right, and the guard lets it.
			if err := c.e.Cloud.Meddle(func(tx *cloud.Tx) error { tx.Remove(machine.Key()); return nil }); err != nil {
				t.Fatal(err)
			}
			if _, err := c.e.Stack().Preview(ctx, optpreview.Refresh()); err != nil {
				t.Fatal(err)
			}
			if _, err := c.e.Stack().Up(ctx, optup.Refresh()); err != nil {
				t.Fatal(err)
			}
			if r := find(); len(r.Differences) > 0 {
				t.Errorf("found after an up: %+v", r.Differences)
			}
			if d := cloud.Difference(before, c.e.Cloud.Inventory()); len(d) > 0 {
				t.Errorf("it is not what it was:\n%s", tail(strings.Join(d, "\n")))
			}
			t.Log(text.String())
		})
	}
}
