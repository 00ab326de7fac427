// Package promise says which of AWS's own rules stands for which promise, or why none does. It needs no SDK.
package promise

import (
	"fmt"

	"platform/components/guardrails"
)

// configRules is where AWS describes each of its managed rules.
const configRules = "https://docs.aws.amazon.com/config/latest/developerguide/"

// Table are the managed rules of AWS Config, all of which watch: refusing is for an organization's service control
// policies, which are above the account. Identifiers and parameters: each rule's page, and the sample packs in
// https://github.com/awslabs/aws-config-rules/tree/master/aws-config-conformance-packs.
var Table = guardrails.Table{
	Clauses: []guardrails.Clause{
		config("encryption-at-rest", "rds-storage-encrypted", "RDS_STORAGE_ENCRYPTED"),
		config("encryption-at-rest", "dynamodb-table-encrypted-kms", "DYNAMODB_TABLE_ENCRYPTED_KMS"),
		config("encryption-at-rest", "sns-encrypted-kms", "SNS_ENCRYPTED_KMS"),
		config("encryption-at-rest", "cloudwatch-log-group-encrypted", "CLOUDWATCH_LOG_GROUP_ENCRYPTED"),
		config("encryption-at-rest", "secretsmanager-using-cmk", "SECRETSMANAGER_USING_CMK"),
		config("encryption-at-rest", "eks-secrets-encrypted", "EKS_SECRETS_ENCRYPTED"),
		config("encryption-at-rest", "encrypted-volumes", "ENCRYPTED_VOLUMES"),
		config("encryption-at-rest", "s3-bucket-server-side-encryption-enabled", "S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED"),
		config("encryption-in-transit", "s3-bucket-ssl-requests-only", "S3_BUCKET_SSL_REQUESTS_ONLY"),
		config("encryption-in-transit", "rds-postgres-instance-encrypted-in-transit", "RDS_POSTGRES_INSTANCE_ENCRYPTED_IN_TRANSIT"),
		config("key-rotation", "cmk-backing-key-rotation-enabled", "CMK_BACKING_KEY_ROTATION_ENABLED"),
		config("key-rescue", "kms-cmk-not-scheduled-for-deletion", "KMS_CMK_NOT_SCHEDULED_FOR_DELETION"),
		config("database-not-public", "rds-instance-public-access-check", "RDS_INSTANCE_PUBLIC_ACCESS_CHECK"),
		config("database-not-public", "rds-snapshots-public-prohibited", "RDS_SNAPSHOTS_PUBLIC_PROHIBITED"),
		config("bucket-not-public", "s3-bucket-level-public-access-prohibited", "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED"),
		config("bucket-not-public", "s3-bucket-public-read-prohibited", "S3_BUCKET_PUBLIC_READ_PROHIBITED"),
		config("bucket-not-public", "s3-bucket-public-write-prohibited", "S3_BUCKET_PUBLIC_WRITE_PROHIBITED"),
		config("cluster-endpoint-private", "eks-endpoint-no-public-access", "EKS_ENDPOINT_NO_PUBLIC_ACCESS"),
		config("no-open-ingress", "vpc-default-security-group-closed", "VPC_DEFAULT_SECURITY_GROUP_CLOSED"),
		config("no-open-ingress", "vpc-sg-open-only-to-authorized-ports", "VPC_SG_OPEN_ONLY_TO_AUTHORIZED_PORTS").
			Asking(map[string]any{"authorizedTcpPorts": "443"}),
		config("public-address", "subnet-auto-assign-public-ip-disabled", "SUBNET_AUTO_ASSIGN_PUBLIC_IP_DISABLED"),
		config("public-address", "ec2-instance-no-public-ip", "EC2_INSTANCE_NO_PUBLIC_IP"),
		config("deletion-protection", "rds-instance-deletion-protection-enabled", "RDS_INSTANCE_DELETION_PROTECTION_ENABLED").Where(guardrails.Protected),
		config("backups", "db-instance-backup-enabled", "DB_INSTANCE_BACKUP_ENABLED").With(func(a guardrails.Args) map[string]any {
			return map[string]any{"backupRetentionMinimum": fmt.Sprint(a.BackupDays)}
		}),
		config("backups", "dynamodb-pitr-enabled", "DYNAMODB_PITR_ENABLED"),
		config("backups", "s3-bucket-versioning-enabled", "S3_BUCKET_VERSIONING_ENABLED"),
		config("zone-redundancy", "rds-multi-az-support", "RDS_MULTI_AZ_SUPPORT").Where(guardrails.Redundant),
		config("least-privilege", "iam-policy-no-statements-with-full-access", "IAM_POLICY_NO_STATEMENTS_WITH_FULL_ACCESS"),
		config("no-administrator", "iam-policy-no-statements-with-admin-access", "IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS"),
		config("no-public-grant", "sqs-queue-no-public-access", "SQS_QUEUE_NO_PUBLIC_ACCESS"),
		config("identities-only", "rds-instance-iam-authentication-enabled", "RDS_INSTANCE_IAM_AUTHENTICATION_ENABLED"),
		config("identities-only", "ec2-imdsv2-check", "EC2_IMDSV2_CHECK"),
		config("logging", "vpc-flow-logs-enabled", "VPC_FLOW_LOGS_ENABLED").Asking(map[string]any{"trafficType": "ALL"}),
		config("logging", "rds-logging-enabled", "RDS_LOGGING_ENABLED"),
		config("logging", "api-gwv2-access-logs-enabled", "API_GWV2_ACCESS_LOGS_ENABLED"),
		config("logging", "eks-cluster-log-enabled", "EKS_CLUSTER_LOG_ENABLED").
			Asking(map[string]any{"logTypes": "api,audit,authenticator"}),
		config("audit-trail", "cloudtrail-security-trail-enabled", "CLOUDTRAIL_SECURITY_TRAIL_ENABLED"),
		config("audit-trail", "guardduty-enabled-centralized", "GUARDDUTY_ENABLED_CENTRALIZED"),
		config("log-retention", "cw-loggroup-retention-period-check", "CW_LOGGROUP_RETENTION_PERIOD_CHECK").With(func(a guardrails.Args) map[string]any {
			return map[string]any{"MinRetentionTime": fmt.Sprint(a.LogDays)}
		}),
		config("alert-owner", "cloudwatch-alarm-action-check", "CLOUDWATCH_ALARM_ACTION_CHECK").
			Asking(map[string]any{"alarmActionRequired": "true", "insufficientDataActionRequired": "false", "okActionRequired": "false"}),
		config("tags-complete", "required-tags", "REQUIRED_TAGS").With(func(guardrails.Args) map[string]any { return requiredTags() }),
		config("supported-version", "eks-cluster-oldest-supported-version", "EKS_CLUSTER_OLDEST_SUPPORTED_VERSION").
			Asking(map[string]any{"oldestVersionSupported": OldestKubernetes}),
	},
	None: guardrails.None(map[string][]string{
		guardrails.InCluster: {"service-identity", "no-privileged-pod", "image-digest", "mesh-strict", "monitoring-first"},
		guardrails.InProgram: {"known-type", "exceptions"},
		"no managed rule; a region is denied by a service control policy, which belongs to the organization above the account": {"residency"},
		"no managed rule reads what an alarm says":                                                        {"alert-runbook"},
		"the managed rule of alarms for resources knows no database instance":                             {"database-alarm"},
		"the managed rule asks dead-letter queues for dead letters of their own, and would tell of each":  {"queue-dead-letter"},
		"a managed rule takes fixed values, and the teams, services and cost centres are the catalogue's": {"tags-allowed"},
		"the managed rule of sizes wants every allowed type by name, of machines alone":                   {"size-by-tier"},
		"no managed rule reads how far a group may grow":                                                  {"count-by-tier"},
	}),
}

// OldestKubernetes is the oldest version of Kubernetes that the rules let pass.
const OldestKubernetes = "1.32"

func config(rule, name, id string) guardrails.Clause {
	return guardrails.Clause{Rule: rule, Name: name, ID: id, Strength: guardrails.Watches, Source: configRules + name + ".html"}
}
