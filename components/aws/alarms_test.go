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
			Teams: map[string]alarms.Team{
				"ledger": {Email: "ledger@example.com", Tags: tags.Set{tags.Team: "ledger"}},
				"orders": {Tags: tags.Set{tags.Team: "orders"}},
			},
			Databases: map[string]alarms.Database{"payments": {
				Team: "ledger", Name: name("dev-aws-payments"), ConnectionLimit: 400, StorageGiB: 50, Tags: tags.Set{tags.Service: "payments"},
			}},
			Queues: map[string]alarms.Queue{"order-placed-payments": {
				Team: "ledger", Name: name("live"), DeadLetterName: name("dead"), MaxAgeSeconds: 600,
			}},
			APIs: map[string]alarms.API{"mobile": {Team: "orders", ID: name("api-1")}},
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
		"queue-age-order-placed-payments": "ledger", "queue-dead-letters-order-placed-payments": "ledger",
		"api-failures-mobile": "orders", "api-latency-mobile": "orders",
	}
	for name, r := range recordAlarms(t) {
		alarm, ok := strings.CutPrefix(name, "aws:cloudwatch/metricAlarm:MetricAlarm alarms-")
		if !ok {
			continue
		}
		want := texted("arn:alarms-topic-" + owners[alarm])
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
		"database-cpu-payments":                    {above, 80, "breaching", "CPUUtilization", "dev-aws-payments"},
		"database-storage-payments":                {below, 5368709120, "ignore", "FreeStorageSpace", "dev-aws-payments"},
		"database-connections-payments":            {above, 320, "notBreaching", "DatabaseConnections", "dev-aws-payments"},
		"queue-age-order-placed-payments":          {above, 600, "notBreaching", "ApproximateAgeOfOldestMessage", "live"},
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

func TestFailuresAreAShareOfTheRequests(t *testing.T) {
	sum := func(id, metric string) resource.PropertyValue {
		return resource.NewProperty(resource.PropertyMap{
			"id": resource.NewProperty(id), "metric": resource.NewProperty(resource.PropertyMap{
				"namespace": resource.NewProperty("AWS/ApiGateway"), "metricName": resource.NewProperty(metric),
				"dimensions": resource.NewProperty(resource.PropertyMap{"ApiId": resource.NewProperty("api-1")}),
				"period":     resource.NewProperty(300.0), "stat": resource.NewProperty("Sum"),
			}),
		})
	}
	want := resource.NewProperty([]resource.PropertyValue{
		resource.NewProperty(resource.PropertyMap{
			"id": resource.NewProperty("rate"), "expression": resource.NewProperty("100 * part / whole"),
			"label": resource.NewProperty("5xx in percent"), "returnData": resource.NewProperty(true),
		}),
		sum("part", "5xx"), sum("whole", "Count"),
	})
	if got := recordAlarms(t)["aws:cloudwatch/metricAlarm:MetricAlarm alarms-api-failures-mobile"]["metricQueries"]; !got.DeepEquals(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
