package aws

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/alarms"
	"platform/components/internal/record"
	"platform/components/tags"
)

func recordAlarms(t *testing.T) record.Resources {
	t.Helper()
	name := func(s string) pulumi.StringOutput { return pulumi.String(s).ToStringOutput() }
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := alarms.New(ctx, "alarms", d, alarms.Args{
			Bounds: alarms.Bounds{QueueMinutes: 10, CPUPercent: 70}.Complete(),
			Teams: map[string]alarms.Team{
				"ledger":   {Email: "ledger@example.com", Tags: tags.Set{tags.Team: "ledger"}},
				"orders":   {Tags: tags.Set{tags.Team: "orders"}},
				"platform": {Tags: tags.Set{tags.Team: "platform"}},
			},
			Databases: map[string]alarms.Database{
				"payments": {
					Team: "ledger", Name: name("dev-aws-payments"), ConnectionLimit: 400, StorageGiB: 50, BurstCredits: 576, Tags: tags.Set{tags.Service: "payments"},
				},
				"orders": {Team: "orders", Name: name("dev-aws-orders"), ConnectionLimit: 800, StorageGiB: 50, Standby: true},
			},
			Queues: map[string]alarms.Queue{"order-placed-payments": {
				Team: "ledger", Name: name("live"), DeadLetterName: name("dead"),
			}},
			APIs:    map[string]alarms.API{"mobile": {Team: "orders", ID: name("api-1")}},
			Cluster: &alarms.Cluster{Team: "platform", Name: name("dev-aws"), Groups: map[string]pulumi.StringOutput{"system": name("group-1")}},
			Quotas:  &alarms.Quotas{Team: "platform", Percent: 80},
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return resources
}

func TestTopicsAreEncryptedAndAdmitAlarmsOnly(t *testing.T) {
	resources := recordAlarms(t)
	if got := resources["aws:sns/topic:Topic alarms-topic-ledger"]["kmsMasterKeyId"].StringValue(); got != "arn:alarms-key-ledger" {
		t.Errorf("the topic's key is %s", got)
	}
	record.SameDocument(t, resources["aws:sns/topicPolicy:TopicPolicy alarms-topic-policy-ledger"]["policy"].StringValue(), `{"Version":"2012-10-17","Statement":[
		{"Sid":"Tell","Effect":"Allow","Principal":{"Service":["cloudwatch.amazonaws.com"]},"Action":["sns:Publish"],"Resource":["arn:alarms-topic-ledger"],
		 "Condition":{"StringEquals":{"aws:SourceAccount":["111122223333"]},"ArnLike":{"aws:SourceArn":["arn:aws:cloudwatch:eu-central-1:111122223333:alarm:*"]}}},
		{"Sid":"DenyInsecureTransport","Effect":"Deny","Principal":{"AWS":["*"]},"Action":["sns:Publish"],
		 "Resource":["arn:alarms-topic-ledger"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}}}]}`)
	record.SameDocument(t, resources["aws:kms/key:Key alarms-key-ledger"]["policy"].StringValue(), `{"Version":"2012-10-17","Statement":[
		{"Sid":"Administration","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["kms:*"],"Resource":["*"]},
		{"Sid":"Tell","Effect":"Allow","Principal":{"Service":["cloudwatch.amazonaws.com"]},"Action":["kms:Decrypt","kms:GenerateDataKey*"],
		 "Resource":["*"],"Condition":{"StringEquals":{"aws:SourceAccount":["111122223333"]}}}]}`)
}

func TestOnlyTeamsWithAnAddressAreMailed(t *testing.T) {
	resources := recordAlarms(t)
	record.Exactly(t, resources, "aws:sns/topicSubscription:TopicSubscription alarms-email-ledger", map[string]any{
		"topic": "arn:alarms-topic-ledger", "protocol": "email",
		"endpoint": "ledger@example.com",
	})
	if got, ok := resources["aws:sns/topicSubscription:TopicSubscription alarms-email-orders"]; ok {
		t.Errorf("a team without an address has %v", got)
	}
}

func TestEveryAlarmGoesToItsOwnersTopicWhenItBeginsAndEnds(t *testing.T) {
	owners := map[string]string{
		"database-cpu-payments": "ledger", "database-storage-payments": "ledger", "database-connections-payments": "ledger",
		"database-credits-payments": "ledger", "database-cpu-orders": "orders", "database-storage-orders": "orders", "database-connections-orders": "orders",
		"queue-age-order-placed-payments": "ledger", "queue-depth-order-placed-payments": "ledger", "queue-dead-letters-order-placed-payments": "ledger",
		"api-failures-mobile": "orders", "api-latency-mobile": "orders",
		"cluster-storage-cluster": "platform", "nodes-failing-system": "platform", "quota-machines": "platform", "quota-spot-machines": "platform",
		"quota-balancers": "platform", "quota-target-groups": "platform", "quota-poolers": "platform",
	}
	for name, r := range recordAlarms(t) {
		alarm, ok := strings.CutPrefix(name, "aws:cloudwatch/metricAlarm:MetricAlarm alarms-")
		if !ok {
			continue
		}
		owner, wanted := owners[alarm]
		if !wanted {
			t.Errorf("%s is there, and nobody asked for it", alarm)
		}
		record.Runbook(t, alarm, r["alarmDescription"].StringValue())
		want := texted("arn:alarms-topic-" + owner)
		if !r["alarmActions"].DeepEquals(want) || !r["okActions"].DeepEquals(want) {
			t.Errorf("%s goes to %v when it begins and %v when it ends, want %v", alarm, r["alarmActions"], r["okActions"], want)
		}
		delete(owners, alarm)
	}
	for missing := range owners {
		t.Errorf("%s is not there", missing)
	}
}

func TestThresholdsAndMissingData(t *testing.T) {
	resources := recordAlarms(t)
	for alarm, want := range map[string]struct {
		comparison string
		threshold  float64
		missing    string
		metric     string
		of         string
	}{
		"database-cpu-payments":                    {above, 70, "breaching", "CPUUtilization", "dev-aws-payments"},
		"database-storage-payments":                {below, 5368709120, "ignore", "FreeStorageSpace", "dev-aws-payments"},
		"database-connections-payments":            {above, 320, "notBreaching", "DatabaseConnections", "dev-aws-payments"},
		"queue-age-order-placed-payments":          {above, 600, "notBreaching", "ApproximateAgeOfOldestMessage", "live"},
		"database-credits-payments":                {below, 57, "notBreaching", "CPUCreditBalance", "dev-aws-payments"},
		"queue-depth-order-placed-payments":        {above, 1000, "notBreaching", "ApproximateNumberOfMessagesVisible", "live"},
		"cluster-storage-cluster":                  {above, 7730941050, "ignore", "apiserver_storage_size_bytes", "dev-aws"},
		"nodes-failing-system":                     {above, 0, "notBreaching", "StatusCheckFailed", "group-1"},
		"queue-dead-letters-order-placed-payments": {above, 0, "notBreaching", "ApproximateNumberOfMessagesVisible", "dead"},
		"api-latency-mobile":                       {above, 1000, "notBreaching", "Latency", "api-1"},
	} {
		got := resources["aws:cloudwatch/metricAlarm:MetricAlarm alarms-"+alarm]
		var of string
		for _, value := range got["dimensions"].ObjectValue() {
			of = value.StringValue()
		}
		if got["comparisonOperator"].StringValue() != want.comparison || got["threshold"].NumberValue() != want.threshold ||
			got["treatMissingData"].StringValue() != want.missing || got["metricName"].StringValue() != want.metric || of != want.of {
			t.Errorf("%s is %v, want %v", alarm, got, want)
		}
	}
}

func TestSomeAreAShareOfAWhole(t *testing.T) {
	text := func(s string) resource.PropertyValue { return resource.NewProperty(s) }
	metric := func(id, namespace, name, stat string, dimensions resource.PropertyMap) resource.PropertyValue {
		return resource.NewProperty(resource.PropertyMap{
			"id": text(id), "metric": resource.NewProperty(resource.PropertyMap{
				"namespace": text(namespace), "metricName": text(name), "dimensions": resource.NewProperty(dimensions),
				"period": resource.NewProperty(300.0), "stat": text(stat),
			}),
		})
	}
	share := func(expression, of string, terms ...resource.PropertyValue) resource.PropertyValue {
		return resource.NewProperty(append([]resource.PropertyValue{resource.NewProperty(resource.PropertyMap{
			"id": text("percent"), "expression": text(expression), "label": text(of + " in percent"), "returnData": resource.NewProperty(true),
		})}, terms...))
	}
	door := resource.PropertyMap{"ApiId": text("api-1")}
	resources := recordAlarms(t)
	for alarm, want := range map[string]struct {
		threshold float64
		queries   resource.PropertyValue
	}{
		"api-failures-mobile": {1, share("100 * part / whole", "5xx", metric("part", "AWS/ApiGateway", "5xx", "Sum", door), metric("whole", "AWS/ApiGateway", "Count", "Sum", door))},
		"quota-spot-machines": {80, share("100 * part / SERVICE_QUOTA(part)", "ResourceCount", metric("part", "AWS/Usage", "ResourceCount", "Maximum", resource.PropertyMap{
			"Service": text("EC2"), "Type": text("Resource"), "Resource": text("vCPU"), "Class": text("Standard/Spot"),
		}))},
	} {
		got := resources["aws:cloudwatch/metricAlarm:MetricAlarm alarms-"+alarm]
		if !got["metricQueries"].DeepEquals(want.queries) || got["threshold"].NumberValue() != want.threshold || got["comparisonOperator"].StringValue() != above {
			t.Errorf("%s\ngot  %v\nwant %v", alarm, got, want)
		}
	}
}
