package aws_test

import (
	"maps"
	"strings"
	"testing"

	"platform/tests/cloud"
)

const alarmType = "aws:cloudwatch/metricAlarm:MetricAlarm"

func TestAnAlarmOnWhatNobodyMeasuresIsRefused(t *testing.T) {
	w := newWorld(t)
	w.queue("live")
	for name, class := range map[string]string{"bursts": "db.t4g.medium", "steady": "db.m6g.large"} {
		w.Mint(cloud.Object{Type: "aws:rds/instance:Instance", ID: "db-" + name, Inputs: map[string]any{"identifier": name, "instanceClass": class}})
	}
	of := func(namespace, metric, dimension, value string) map[string]any {
		return map[string]any{"namespace": namespace, "metricName": metric, "dimensions": map[string]any{dimension: value}}
	}
	query := func(id string, metric map[string]any, expression string, tells bool) any {
		q := map[string]any{"id": id, "returnData": tells}
		if expression != "" {
			q["expression"] = expression
		} else {
			q["metric"] = metric
		}
		return q
	}
	used := func(resource string) map[string]any {
		return map[string]any{
			"namespace": "AWS/Usage", "metricName": "ResourceCount", "stat": "Maximum", "period": 300.0,
			"dimensions": map[string]any{"Service": "EC2", "Type": "Resource", "Resource": resource, "Class": "Standard/Spot"},
		}
	}
	share := func(expression string, metric map[string]any) map[string]any {
		return map[string]any{
			"metricQueries": []any{query("percent", nil, expression, true), query("part", metric, "", false)},
			"namespace":     nil, "metricName": nil, "dimensions": nil, "statistic": nil, "period": nil,
		}
	}
	for _, test := range []struct {
		name    string
		changes map[string]any
		want    string
	}{
		{"nothing amiss", nil, ""},
		{"credits of a server that bursts", of("AWS/RDS", "CPUCreditBalance", "DBInstanceIdentifier", "bursts"), ""},
		{"credits of one that does not", of("AWS/RDS", "CPUCreditBalance", "DBInstanceIdentifier", "steady"), "has no credits"},
		{"lag of what is no replica", of("AWS/RDS", "ReplicaLag", "DBInstanceIdentifier", "steady"), "is no replica"},
		{"a metric that there is not", of("AWS/SQS", "Age", "QueueName", "live"), "nobody measures Age"},
		{"another namespace's", of("AWS/RDS", "ApproximateNumberOfMessagesVisible", "QueueName", "live"), "nobody measures"},
		{"by another dimension", of("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Queue", "live"), "is measured by [QueueName]"},
		{"a queue that is not there", of("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "gone"), "nothing would be watched"},
		{"a period that is no minute", map[string]any{"period": 90.0}, "whole minutes"},
		{"asked between two measurements", merged(of("AWS/RDS", "CPUCreditBalance", "DBInstanceIdentifier", "bursts"), map[string]any{"period": 60.0}), "is measured every 300 seconds"},
		{"a look at two days", map[string]any{"period": 900.0, "evaluationPeriods": 192.0}, "it looks back"},
		{"more failures than periods", map[string]any{"datapointsToAlarm": 4.0}, "4 of 3 periods"},
		{"a share of a quota", share("100 * part / SERVICE_QUOTA(part)", used("vCPU")), ""},
		{"a quota that nobody knows", share("100 * part / SERVICE_QUOTA(part)", used("Weather")), "knows no quota"},
		{"a quota of what has none", share("part / SERVICE_QUOTA(part)", merged(of("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "live"), map[string]any{"stat": "Maximum", "period": 300.0})), "knows no quota"},
		{"a share of what is not asked for", share("100 * part / whole", used("vCPU")), `there is no query "whole"`},
		{"two answers", map[string]any{
			"metricQueries": []any{query("percent", nil, "part", true), query("part", used("vCPU"), "", true)},
			"namespace":     nil, "metricName": nil, "dimensions": nil, "statistic": nil, "period": nil,
		}, "2 queries return data"},
	} {
		t.Run(test.name, func(t *testing.T) {
			inputs := merged(map[string]any{
				"name": "alarm", "comparisonOperator": "GreaterThanThreshold", "threshold": 1.0, "evaluationPeriods": 3.0, "statistic": "Maximum", "period": 300.0,
			}, of("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "live"), test.changes)
			maps.DeleteFunc(inputs, func(_ string, v any) bool { return v == nil })
			made, err := w.Create(alarmType, inputs)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
			if err == nil {
				if err := w.Remove(made); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func merged(all ...map[string]any) map[string]any {
	out := map[string]any{}
	for _, m := range all {
		maps.Copy(out, m)
	}
	return out
}
