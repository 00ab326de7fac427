package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"platform/stacks/config"
	"platform/stacks/lifecycle/written"
)

const stacks = "../.."

// piece is one resource of a state.
type piece struct {
	of, name, parent string
	inputs, outputs  map[string]any
}

func urn(environment, of, name string) string {
	return "urn:pulumi:" + environment + "::platform::" + of + "::" + name
}

func stateOf(t *testing.T, environment string, pieces []piece) []byte {
	t.Helper()
	byName, all := map[string]string{}, []map[string]any{}
	for _, p := range pieces {
		byName[p.name] = urn(environment, p.of, p.name)
	}
	for _, p := range pieces {
		id, _ := p.outputs["id"].(string)
		all = append(all, map[string]any{
			"urn": byName[p.name], "type": p.of, "parent": byName[p.parent], "id": id, "inputs": p.inputs, "outputs": p.outputs,
		})
	}
	raw, err := json.Marshal(map[string]any{"version": 3, "deployment": map[string]any{"resources": all}})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func policy(statements ...string) map[string]any {
	return map[string]any{"role": "dev-aws-orders", "policy": `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`}
}

const (
	topicARN = "arn:aws:sns:eu-central-1:111122223333:dev-aws-order-placed"
	otherARN = "arn:aws:sns:eu-central-1:111122223333:dev-aws-report-ready"
	publish  = `{"Sid":"TopicOrderPlaced","Effect":"Allow","Action":["sns:Publish"],"Resource":["` + topicARN + `"]}`
)

// pieces are a small part of an environment on each cloud: a service, its identity and one grant.
func pieces(environment string) []piece {
	orders := map[string]any{"service": "orders", "rights": map[string]any{"topic-order-placed": "publish"}}
	common := []piece{
		{"platform:identity:Identity", "identity-orders", "", orders, nil},
		{"platform:queue:Queue", "queue-order-placed", "", map[string]any{"event": "order-placed"}, nil},
		{"platform:queue:Queue", "queue-report-ready", "", map[string]any{"event": "report-ready"}, nil},
		{"platform:gateway:Gateway", "gateway", "", nil, nil},
	}
	switch environment {
	case "dev-aws":
		return append(common,
			piece{"aws:iam/role:Role", "identity-orders-role", "identity-orders", map[string]any{"name": "dev-aws-orders"},
				map[string]any{"id": "dev-aws-orders", "arn": "arn:aws:iam::111122223333:role/dev-aws-orders"}},
			piece{"aws:sns/topic:Topic", "queue-order-placed-topic", "queue-order-placed", nil, map[string]any{"id": topicARN, "arn": topicARN}},
			piece{"aws:sns/topic:Topic", "queue-report-ready-topic", "queue-report-ready", nil, map[string]any{"id": otherARN, "arn": otherARN}},
			piece{"aws:iam/rolePolicy:RolePolicy", "identity-orders-policy", "identity-orders", policy(publish), nil})
	case "dev-azure":
		return append(common,
			piece{"azure-native:managedidentity:UserAssignedIdentity", "identity-orders-identity", "identity-orders", nil,
				map[string]any{"principalId": "11111111-0000-4000-8000-000000000001"}},
			piece{"azure-native:authorization:RoleAssignment", "identity-orders-topic-order-placed", "identity-orders", map[string]any{
				"principalId":      "11111111-0000-4000-8000-000000000001",
				"roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/69a216fc-b8fb-44d8-bc22-1f3c2cd27a39",
				"scope":            "/subscriptions/s/resourceGroups/g/providers/Microsoft.ServiceBus/namespaces/n/topics/order-placed",
			}, nil})
	}
	return append(common,
		piece{"gcp:serviceaccount/account:Account", "identity-orders-account", "identity-orders", nil,
			map[string]any{"email": "orders@platform-dev-example.iam.gserviceaccount.com", "member": "serviceAccount:orders@platform-dev-example.iam.gserviceaccount.com"}},
		piece{"gcp:pubsub/topicIAMMember:TopicIAMMember", "identity-orders-topic-order-placed", "identity-orders", map[string]any{
			"topic": "dev-gcp-order-placed", "role": "roles/pubsub.publisher", "member": "serviceAccount:orders@platform-dev-example.iam.gserviceaccount.com",
		}, nil})
}

// with replaces or adds pieces by name, and leaves out those whose type is empty.
func with(all []piece, more ...piece) []piece {
	for _, p := range more {
		all = slices.DeleteFunc(slices.Clone(all), func(old piece) bool { return old.name == p.name })
		if p.of != "" {
			all = append(all, p)
		}
	}
	return all
}

// audited runs the command on a state, against another where one is given.
func audited(t *testing.T, environment string, now, before []piece, format string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	args := []string{"--environment", environment, "--stacks", stacks, "--format", format, "--state", filepath.Join(dir, "now.json")}
	files := map[string][]piece{"now.json": now}
	if before != nil {
		files["before.json"] = before
		args = append(args, "--against", filepath.Join(dir, "before.json"))
	}
	for name, all := range files {
		if err := os.WriteFile(filepath.Join(dir, name), stateOf(t, environment, all), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	c := Command()
	c.SilenceErrors, c.SilenceUsage = true, true
	c.SetArgs(args)
	c.SetOut(&out)
	err := c.Execute()
	return out.String(), err
}

func statusOf(err error) int {
	var wider WiderError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &wider):
		return wider.Status()
	}
	return 1
}

func TestTheDifferenceNamesWhatIsWider(t *testing.T) {
	aws, azure, gcp := pieces("dev-aws"), pieces("dev-azure"), pieces("dev-gcp")
	grants := func(statements ...string) piece {
		return piece{"aws:iam/rolePolicy:RolePolicy", "identity-orders-policy", "identity-orders", policy(statements...), nil}
	}
	for _, test := range []struct {
		name, environment string
		before, now       []piece
		status            int
		want              []string
	}{
		{"nothing", "dev-aws", aws, aws, 0, []string{"0 added, 0 removed, 0 widened"}},
		{"a wildcard", "dev-aws", aws, with(aws, grants(publish, `{"Sid":"More","Effect":"Allow","Action":"sqs:*","Resource":"*"}`)), Wider,
			[]string{"added: identity-orders-role: sqs:* on *  [too-wide, unused]", "why: nothing asked for it"}},
		{"one more action", "dev-aws", aws, with(aws, grants(strings.Replace(publish, `"sns:Publish"`, `"sns:Publish","sns:Subscribe"`, 1))), Wider,
			[]string{"widened: identity-orders-role: sns:Subscribe on queue-order-placed-topic", "why: services.orders.publishes[0]"}},
		{"a condition that is gone", "dev-aws", with(aws, grants(strings.Replace(publish, `"Effect"`, `"Condition":{"Bool":{"aws:SecureTransport":"true"}},"Effect"`, 1))), aws, Wider,
			[]string{"widened: identity-orders-role: sns:Publish on queue-order-placed-topic"}},
		{"a refusal that is gone", "dev-aws", with(aws, grants(publish, `{"Sid":"No","Effect":"Deny","Action":"sns:Publish","Resource":"`+otherARN+`"}`)), aws, Wider,
			[]string{"widened: identity-orders-role: never sns:Publish on queue-report-ready-topic"}},
		{"a grant that is gone", "dev-aws", aws, with(aws, piece{name: "identity-orders-policy"}), 0,
			[]string{"removed: identity-orders-role: sns:Publish on queue-order-placed-topic"}},
		{"what another service's line is for", "dev-aws", aws, with(aws, grants(strings.Replace(publish, topicARN, otherARN, 1))), Wider,
			[]string{"added: identity-orders-role: sns:Publish on queue-report-ready-topic  [unused]"}},
		{"an owner of a subscription", "dev-azure", azure, with(azure, piece{"azure-native:authorization:RoleAssignment", "identity-orders-more", "identity-orders", map[string]any{
			"principalId":      "11111111-0000-4000-8000-000000000001",
			"roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
			"scope":            "/subscriptions/s",
		}, nil}), Wider, []string{"added: identity-orders-identity: Owner on /subscriptions/s  [too-wide, unused]"}},
		{"an editor of a project", "dev-gcp", gcp, with(gcp, piece{"gcp:projects/iAMMember:IAMMember", "identity-orders-more", "identity-orders", map[string]any{
			"project": "platform-dev-example", "role": "roles/editor", "member": "serviceAccount:orders@platform-dev-example.iam.gserviceaccount.com",
		}, nil}), Wider, []string{"added: identity-orders-account: roles/editor on platform-dev-example  [too-wide, unused]"}},
		{"an access key", "dev-aws", aws, with(aws, piece{"aws:iam/accessKey:AccessKey", "key", "gateway", map[string]any{"user": "robot"}, nil}), Wider,
			[]string{"added: whoever has the key: be robot on key  [long-lived-key]"}},
		{"a shared access key", "dev-azure", azure, with(azure, piece{"azure-native:servicebus:NamespaceAuthorizationRule", "key", "gateway", map[string]any{"namespaceName": "bus"}, nil}), Wider,
			[]string{"added: whoever has the key: be bus on key  [long-lived-key]"}},
		{"a client secret", "dev-azure", azure, with(azure, piece{"azuread:index/applicationPassword:ApplicationPassword", "key", "gateway", map[string]any{"applicationId": "robot"}, nil}), Wider,
			[]string{"added: whoever has the key: be robot on key  [long-lived-key]"}},
		{"a namespace that takes keys", "dev-azure", azure, with(azure, piece{"azure-native:servicebus:Namespace", "bus", "gateway", map[string]any{"disableLocalAuth": false}, nil}), Wider,
			[]string{"added: whoever has the shared key: everything on bus  [long-lived-key]"}},
		{"a key of a service account", "dev-gcp", gcp, with(gcp, piece{"gcp:serviceaccount/key:Key", "key", "gateway", map[string]any{"serviceAccountId": "robot"}, nil}), Wider,
			[]string{"added: whoever has the key: be robot on key  [long-lived-key]"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, err := audited(t, test.environment, test.now, test.before, "text")
			if got := statusOf(err); got != test.status {
				t.Errorf("status %d (%v), want %d", got, err, test.status)
			}
			for _, want := range test.want {
				if !strings.Contains(out, want) {
					t.Errorf("it does not say %q:\n%s", want, out)
				}
			}
		})
	}
}

func TestAReportSaysWhoWhatWhereAndWhy(t *testing.T) {
	for environment, want := range map[string]string{
		"dev-aws":   "identity-orders-role: sns:Publish on queue-order-placed-topic\n    why: services.orders.publishes[0]",
		"dev-azure": "identity-orders-identity: Azure Service Bus Data Sender on /subscriptions/s/resourceGroups/g/providers/Microsoft.ServiceBus/namespaces/n/topics/order-placed\n    why: services.orders.publishes[0]",
		"dev-gcp":   "identity-orders-account: roles/pubsub.publisher on dev-gcp-order-placed\n    why: services.orders.publishes[0]",
	} {
		for _, format := range written.Formats {
			if out, err := audited(t, environment, pieces(environment), nil, format); err != nil || format == "text" && !strings.Contains(out, want) {
				t.Errorf("%s as %s: %v, want %q in\n%s", environment, format, err, want, out)
			}
		}
	}
}

// TestWhoObservesQueuesIsAskedForByThoseWhoConsume reads what lets the autoscaler ask, as each cloud gives it.
func TestWhoObservesQueuesIsAskedForByThoseWhoConsume(t *testing.T) {
	const (
		observer = "arn:aws:iam::111122223333:role/dev-aws-keda"
		queueARN = "arn:aws:sqs:eu-central-1:111122223333:dev-aws-order-placed-payments"
		queueID  = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ServiceBus/namespaces/n/queues/order-placed-payments"
		member   = "serviceAccount:keda@platform-dev-example.iam.gserviceaccount.com"
	)
	common := []piece{
		{"platform:identity:Identity", "identity-keda", "", map[string]any{"service": "keda", "rights": map[string]any{
			"queue-order-placed-payments": "observe", "queue-payment-settled-ledger": "observe",
		}}, nil},
		{"platform:queue:Queue", "queue-order-placed", "", map[string]any{"event": "order-placed"}, nil},
	}
	for environment, test := range map[string]struct {
		pieces []piece
		want   string
	}{
		"dev-aws": {[]piece{
			{"aws:iam/role:Role", "identity-keda-role", "identity-keda", nil, map[string]any{"id": "dev-aws-keda", "arn": observer}},
			{"aws:sqs/queue:Queue", "queue-order-placed-queue-payments", "queue-order-placed", nil, map[string]any{"id": "https://sqs/q", "arn": queueARN}},
			{"aws:sqs/queuePolicy:QueuePolicy", "queue-order-placed-queue-policy-payments", "queue-order-placed", map[string]any{
				"queueUrl": queueARN, "policy": `{"Version":"2012-10-17","Statement":[{"Sid":"Observe","Effect":"Allow","Principal":{"AWS":["` + observer +
					`"]},"Action":["sqs:GetQueueAttributes"],"Resource":["` + queueARN + `"]}]}`,
			}, nil},
		}, "identity-keda-role: sqs:GetQueueAttributes on queue-order-placed-queue-payments\n    why: services.payments.consumes[0]\n"},
		"dev-azure": {[]piece{
			{"azure-native:managedidentity:UserAssignedIdentity", "identity-keda-identity", "identity-keda", nil, map[string]any{"principalId": "11111111-0000-4000-8000-000000000009"}},
			{"azure-native:servicebus:Queue", "queue-order-placed-queue-payments", "queue-order-placed", nil, map[string]any{"id": queueID}},
			{"azure-native:authorization:RoleAssignment", "identity-keda-queue-order-placed-payments", "identity-keda", map[string]any{
				"principalId": "11111111-0000-4000-8000-000000000009", "scope": queueID,
				"roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7",
			}, nil},
		}, "identity-keda-identity: Reader on queue-order-placed-queue-payments\n    why: services.payments.consumes[0]\n"},
		"dev-gcp": {[]piece{
			{"gcp:serviceaccount/account:Account", "identity-keda-account", "identity-keda", nil, map[string]any{
				"email": strings.TrimPrefix(member, "serviceAccount:"), "member": member,
			}},
			{"gcp:projects/iAMMember:IAMMember", "identity-keda-observe", "identity-keda", map[string]any{
				"project": "platform-dev-example", "role": "roles/monitoring.viewer", "member": member,
			}, nil},
		}, "identity-keda-account: roles/monitoring.viewer on platform-dev-example\n    why: services.ledger.consumes[0], services.payments.consumes[0]\n"},
	} {
		out, err := audited(t, environment, append(slices.Clone(common), test.pieces...), nil, "text")
		if err != nil || !strings.Contains(out, test.want) {
			t.Errorf("%s: %v, want %q in\n%s", environment, err, test.want, out)
		}
	}
	// What nobody consumes any more, nobody asks for.
	s, err := config.Stated(os.DirFS(stacks), "dev-azure")
	if err != nil {
		t.Fatal(err)
	}
	if why, _ := (reasons{settings: s}).asked("keda", "queue-order-placed-admin"); why != "" {
		t.Errorf("the queue of a service that consumes nothing is asked for by %s", why)
	}
}

// TestAServiceThatLeftTheCatalogueLeavesUnusedGrants takes the line away, not the grant.
func TestARoleOfAServiceOfAWSIsSomebody(t *testing.T) {
	all := with(pieces("dev-aws"), piece{"platform:guardrails:Guardrails", "guardrails", "", nil, nil},
		piece{"aws:iam/serviceLinkedRole:ServiceLinkedRole", "guardrails-role", "guardrails", nil, nil})
	out, err := audited(t, "dev-aws", all, nil, "json")
	if err != nil {
		t.Fatal(err)
	}
	var r Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if want := (Identity{"guardrails-role", "aws:iam/serviceLinkedRole:ServiceLinkedRole", "guardrails: its role"}); !slices.Contains(r.Identities, want) {
		t.Errorf("found %v", r.Identities)
	}
}

func TestAServiceThatLeftTheCatalogueLeavesUnusedGrants(t *testing.T) {
	s, err := config.Stated(os.DirFS(stacks), "dev-gcp")
	if err != nil {
		t.Fatal(err)
	}
	entry := s.Catalog.Services["orders"]
	entry.Publishes = nil
	s.Catalog.Services["orders"] = entry
	r, err := OfState(stateOf(t, "dev-gcp", pieces("dev-gcp")), s)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Grants) != 1 || !slices.Contains(r.Grants[0].Flags, Unused) {
		t.Errorf("found %v, want one grant that is unused", r.Grants)
	}
}

// TestAPreviewSaysWhatIsNotKnownYet reads steps as the engine writes them.
func TestAPreviewSaysWhatIsNotKnownYet(t *testing.T) {
	s, err := config.Stated(os.DirFS(stacks), "dev-aws")
	if err != nil {
		t.Fatal(err)
	}
	var steps []map[string]any
	for _, p := range pieces("dev-aws") {
		parent := ""
		if p.parent != "" {
			for _, q := range pieces("dev-aws") {
				if q.name == p.parent {
					parent = urn("dev-aws", q.of, q.name)
				}
			}
		}
		if p.name == "identity-orders-policy" {
			p.inputs = map[string]any{"role": "dev-aws-orders", "policy": unknownInFile}
		}
		state := map[string]any{"urn": urn("dev-aws", p.of, p.name), "type": p.of, "parent": parent, "inputs": p.inputs}
		steps = append(steps, map[string]any{"op": "create", "urn": state["urn"], "newState": state})
	}
	raw := func(steps []map[string]any) []byte {
		out, err := json.Marshal(map[string]any{"steps": steps})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	r, err := OfPreview(raw(steps), s)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Grants) != 1 || r.Grants[0].Where != "unknown: topic-order-placed" || r.Grants[0].Why != "services.orders.publishes[0]" {
		t.Errorf("found %+v", r.Grants)
	}
	state, err := OfState(stateOf(t, "dev-aws", pieces("dev-aws")), s)
	if err != nil {
		t.Fatal(err)
	}
	if d := Difference(state, r); len(d) > 0 {
		t.Errorf("what the same line asks for counts as a difference while it is not known: %+v", d)
	}
	steps = slices.DeleteFunc(steps, func(step map[string]any) bool { return strings.HasSuffix(step["urn"].(string), "::identity-orders") })
	if _, err := OfPreview(raw(steps), s); err == nil || !strings.Contains(err.Error(), "--show-sames") {
		t.Errorf("a preview of changes alone: %v", err)
	}
}

func TestASecretIsNotShown(t *testing.T) {
	hidden := map[string]any{signature: "1b47061264138c4ac30d75fd1eb44270", "plaintext": `"hunter2"`}
	all := with(pieces("dev-aws"), piece{"aws:iam/rolePolicy:RolePolicy", "identity-orders-policy", "identity-orders",
		map[string]any{"role": "dev-aws-orders", "policy": hidden}, nil})
	out, err := audited(t, "dev-aws", all, nil, "text")
	if err != nil || strings.Contains(out, "hunter2") || !strings.Contains(out, secret) {
		t.Errorf("%v:\n%s", err, out)
	}
}
