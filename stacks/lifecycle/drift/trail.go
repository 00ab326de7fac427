package drift

import (
	"net/url"
	"strings"

	"platform/stacks/config"
)

// trail is the address at which the audit trail of the environment's cloud says who changed a thing.
func trail(s config.Settings, d Difference) string {
	name := d.ID[strings.LastIndexAny(d.ID, "/:")+1:]
	switch s.Cloud {
	case "aws": // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events-console.html
		return "https://" + s.Region + ".console.aws.amazon.com/cloudtrailv2/home?region=" + s.Region + "#/events?ResourceName=" + url.QueryEscape(name)
	case "azure": // https://learn.microsoft.com/azure/azure-monitor/platform/activity-log
		return "https://portal.azure.com/#@/resource" + strings.ReplaceAll(url.PathEscape(d.ID), "%2F", "/") + "/eventlogs"
	case "gcp": // https://cloud.google.com/logging/docs/view/logs-explorer-interface#url-parameters
		query := `logName="projects/` + s.Landing.Account + `/logs/cloudaudit.googleapis.com%2Factivity" protoPayload.resourceName:"` + name + `"`
		return "https://console.cloud.google.com/logs/query;query=" + url.PathEscape(query) + "?project=" + url.QueryEscape(s.Landing.Account)
	}
	return ""
}
