package rules

import (
	"regexp"
	"slices"
	"strings"
)

var auditTrail = Rule{
	ID: "audit-trail", Severity: High, Controls: logged,
	Holds: "In production a trail of the whole account is kept where nobody can change it, and threat detection reads it",
	Why:   "who has an administrator's rights deletes his traces first, and without them nobody can tell what was taken",
	Mend:  "give the environment's file a trail, as trail: {days: 365, lock: true}; in the trail's driver, set the property that is named",
	table: map[string][]condition{
		"aws:cloudtrail/trail:Trail": {
			must("isMultiRegionTrail", is("true"), "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html"),
			must("includeGlobalServiceEvents", orNothing(is("true")), "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html"),
			must("enableLogging", orNothing(is("true")), "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartLogging.html"),
			must("enableLogFileValidation", is("true"), "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html"),
		},
		"aws:guardduty/detector:Detector": {
			must("enable", orNothing(is("true")), "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_settingup.html"),
		},
		"aws:guardduty/detectorFeature:DetectorFeature": {
			must("status", is("ENABLED"), "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DetectorFeatureConfiguration.html").
				on(where("name", is("EBS_MALWARE_PROTECTION", "EKS_AUDIT_LOGS", "RDS_LOGIN_EVENTS", "S3_DATA_EVENTS"))),
		},
		"aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2": {
			must("rule.defaultRetention.mode", is("COMPLIANCE"), "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html"),
		},
		"azure-native:security:Pricing": {
			must("pricingTier", is("Standard"), "https://learn.microsoft.com/azure/defender-for-cloud/defender-for-cloud-introduction"),
		},
		"gcp:projects/iAMAuditConfig:IAMAuditConfig": {
			must("auditLogConfigs", given("kinds of access"), "https://cloud.google.com/logging/docs/audit/configure-data-access"),
			must("auditLogConfigs[].exemptedMembers", allow("nobody", empty), "https://cloud.google.com/logging/docs/audit/configure-data-access"),
		},
	},
	whole: func(s *stack, e Environment) []fault {
		wanted, ok := trails[e.Cloud]
		if e.Tier != Production || !ok || slices.ContainsFunc(s.all, wanted.is) {
			return nil
		}
		// What is not there has no URN: it is named by the one that it would have.
		missing := Resource{
			Type: trailComponent, Name: "trail", URN: "urn:pulumi:" + e.Name + "::platform::platform:platform:Platform$" + trailComponent + "::trail",
		}
		return []fault{{missing, "", "no trail in production", wanted.what}}
	},
}

const trailComponent = "platform:trail:Trail"

// trails are what keeps an account's trail on each cloud.
var trails = map[string]struct {
	what string
	is   func(Resource) bool
}{
	"aws": {"a Trail of CloudTrail", ofKind("aws:cloudtrail/trail:Trail")},
	"azure": {"a DiagnosticSetting of the subscription, with a storage account", func(r Resource) bool {
		target, store := at(r.Props, "resourceUri")[0], at(r.Props, "storageAccountId")[0]
		return r.kind() == "azure-native:insights:DiagnosticSetting" && (target.unknown || wholeSubscription.MatchString(text(target.value))) &&
			(store.unknown || !empty(store.value))
	}},
	"gcp": {"a ProjectSink of the audit logs", func(r Resource) bool {
		filter := at(r.Props, "filter")[0]
		return r.kind() == "gcp:logging/projectSink:ProjectSink" && (filter.unknown || strings.Contains(text(filter.value), "cloudaudit.googleapis.com"))
	}},
}

var wholeSubscription = regexp.MustCompile(`^/?subscriptions/[^/]+/?$`)
