package monitoring

import (
	"fmt"
	"strings"

	"platform/components/kubernetes/system"
)

// pages are the values of Grafana's chart that differ from its own
// (https://github.com/grafana-community/helm-charts/blob/main/charts/grafana/values.yaml, version 13.0.1). It is one pod without
// a volume: what it shows comes from code and from those who watch, and who is signed in signs in again.
type pages struct {
	system.Placement
	FullnameOverride string                    `json:"fullnameOverride"`
	Replicas         int                       `json:"replicas"`
	Labels           map[string]string         `json:"extraLabels"`
	PodLabels        map[string]string         `json:"podLabels"`
	Priority         string                    `json:"priorityClassName"`
	Resources        system.Resources          `json:"resources"`
	RBAC             pagesRBAC                 `json:"rbac"`
	Test             switched                  `json:"testFramework"`
	ServiceLinks     bool                      `json:"enableServiceLinks"`
	Env              map[string]string         `json:"env"`
	EnvFromSecrets   []fromSecret              `json:"envFromSecrets"`
	Settings         map[string]map[string]any `json:"grafana.ini"`
	Sources          map[string]any            `json:"datasources"`
	Sidecar          sidecar                   `json:"sidecar"`
}

// pagesRBAC keeps its account to its own namespace.
type pagesRBAC struct {
	Namespaced bool `json:"namespaced"`
}

// fromSecret may not be there yet: an operator fills the client's secret once the environment is up.
type fromSecret struct {
	Name     string `json:"name"`
	Optional bool   `json:"optional"`
}

type sidecar struct {
	Resources  system.Resources  `json:"resources"`
	Dashboards sidecarDashboards `json:"dashboards"`
}

// sidecarDashboards takes up ConfigMaps that bear the label, and asks for nothing else.
type sidecarDashboards struct {
	Enabled    bool   `json:"enabled"`
	Label      string `json:"label"`
	LabelValue string `json:"labelValue"`
	Resource   string `json:"resource"`
	Namespace  string `json:"searchNamespace"`
	Folder     string `json:"folderAnnotation"`
	// Nobody is an administrator here whom it could ask to read them again; Grafana looks by itself.
	SkipReload bool     `json:"skipReload"`
	Provider   provider `json:"provider"`
}

type provider struct {
	FromFolders bool `json:"foldersFromFilesStructure"`
}

// Dashboard is the label of a ConfigMap with dashboards in the namespace, with its value; Folder the annotation that names the folder.
const (
	Dashboard      = "grafana_dashboard"
	DashboardValue = "1"
	Folder         = "grafana_folder"
)

// The secret of the client, and the variable that tells it to Grafana, which no setting in the chart has to
// (https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/#override-configuration-with-environment-variables).
const (
	ssoSecret = "sso"
	ssoKey    = "GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET"
)

// Sources of data, by the identifiers that dashboards name.
const (
	SourceMetrics = "prometheus"
	SourceAlerts  = "alertmanager"
	SourceLogs    = "loki"
	SourceTraces  = "tempo"
)

func (a Args) pages() pages {
	return pages{
		Placement: system.Pool(), FullnameOverride: "grafana", Replicas: 1, Labels: a.Tags, PodLabels: a.Tags, Priority: a.Priority,
		Resources: system.Room(50, 384), RBAC: pagesRBAC{Namespaced: true}, Test: switched{false}, ServiceLinks: false,
		// There is no administrator with a password: who somebody is, the issuer alone says.
		Env:            map[string]string{"GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION": "true"},
		EnvFromSecrets: []fromSecret{{Name: ssoSecret, Optional: true}},
		Settings:       a.settings(), Sources: map[string]any{"datasources.yaml": a.sources()},
		Sidecar: sidecar{Resources: system.Room(10, 128), Dashboards: sidecarDashboards{
			Enabled: true, Label: Dashboard, LabelValue: DashboardValue, Resource: "configmap", Namespace: Namespace, Folder: Folder,
			SkipReload: true, Provider: provider{FromFolders: true},
		}},
	}
}

// settings of Grafana (https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/).
func (a Args) settings() map[string]map[string]any {
	return map[string]map[string]any{
		"server":    {"root_url": "https://" + a.Host},
		"analytics": {"reporting_enabled": false, "check_for_updates": false, "check_for_plugin_updates": false},
		"news":      {"news_feed_enabled": false},
		"plugins":   {"plugin_admin_enabled": false, "preinstall_disabled": true},
		// It is asked over the mesh, or by a port of the operator's own machine, and never over the internet in the clear.
		"security":       {"cookie_secure": true, "cookie_samesite": "lax", "disable_gravatar": true, "strict_transport_security": true},
		"users":          {"allow_sign_up": false, "allow_org_create": false},
		"auth":           {"disable_login_form": true, "oauth_auto_login": true},
		"auth.basic":     {"enabled": false},
		"auth.anonymous": {"enabled": false},
		"auth.generic_oauth": {
			"enabled": true, "name": "SSO", "allow_sign_up": true, "client_id": a.SSO.ClientID, "scopes": strings.Join(a.SSO.Scopes, " "),
			"auth_url": a.SSO.AuthorizeURL, "token_url": a.SSO.TokenURL, "api_url": a.SSO.ProfileURL, "use_pkce": true,
			"groups_attribute_path": "groups", "allowed_groups": strings.Join(a.Viewers, ","),
			"role_attribute_path": a.roles(), "role_attribute_strict": true, "skip_org_role_sync": false, "allow_assign_grafana_admin": false,
		},
		"unified_alerting": {"enabled": false}, // alerts are Prometheus' and Alertmanager's
		"log":              {"mode": "console"},
	}
}

// roles chooses one by somebody's groups: operators may try changes, which do not last, and all others look.
func (a Args) roles() string {
	var out strings.Builder
	for _, group := range a.Operators {
		fmt.Fprintf(&out, "contains(groups[*], '%s') && 'Editor' || ", group)
	}
	return out.String() + "'Viewer'"
}

type sourceFile struct {
	APIVersion int      `json:"apiVersion"`
	Sources    []source `json:"datasources"`
}

type source struct {
	Name    string         `json:"name"`
	Type    string         `json:"type"`
	UID     string         `json:"uid"`
	URL     string         `json:"url"`
	Access  string         `json:"access"`
	Default bool           `json:"isDefault"`
	More    map[string]any `json:"jsonData"`
}

func (a Args) sources() sourceFile {
	return sourceFile{1, append([]source{
		{"Prometheus", "prometheus", SourceMetrics, service("prometheus", prometheusPort), "proxy", true, map[string]any{
			"httpMethod": "POST", "timeInterval": fmt.Sprintf("%ds", scrapeSec),
		}},
		{"Alertmanager", "alertmanager", SourceAlerts, service("alertmanager", alertmanagerPort), "proxy", false, map[string]any{
			"implementation": "prometheus", "handleGrafanaManagedAlerts": false,
		}},
	}, a.Collected.sources()...)}
}

// sources lead from a line of a log to the trace that it names, and from a part of a trace to the lines that were written
// meanwhile (https://grafana.com/docs/grafana/latest/datasources/tempo/configure-tempo-data-source/#trace-to-logs). A dollar
// that Grafana is to read itself is doubled
// (https://grafana.com/docs/grafana/latest/administration/provisioning/#using-environment-variables).
func (c *Collected) sources() []source {
	if c == nil {
		return nil
	}
	return []source{
		{"Logs", "loki", SourceLogs, c.Logs, "proxy", false, map[string]any{
			"derivedFields": []map[string]any{{
				"name": "trace", "matcherType": "label", "matcherRegex": "trace_id", "datasourceUid": SourceTraces, "url": "$${__value.raw}",
			}},
		}},
		{"Traces", "tempo", SourceTraces, c.Traces, "proxy", false, map[string]any{
			"tracesToLogsV2": map[string]any{
				"datasourceUid": SourceLogs, "spanStartTimeShift": "-5m", "spanEndTimeShift": "5m", "filterByTraceID": true,
				"tags": []map[string]any{{"key": "service.name", "value": "service_name"}},
			},
			"nodeGraph": map[string]any{"enabled": true},
		}},
	}
}

func service(role string, port int) string {
	return fmt.Sprintf("http://%s-%s.%s.svc:%d", prefix, role, Namespace, port)
}
