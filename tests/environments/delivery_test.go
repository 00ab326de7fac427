package environments

import (
	"fmt"
	"slices"
	"testing"

	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/delivery"
	"platform/components/kubernetes/monitoring/watch"
	"platform/components/kubernetes/workload"
	"platform/stacks/config"
	"platform/tests/cloud"
)

// objectsOf are the objects of a type by <namespace>/<name>.
func objectsOf(all []*cloud.Object, typ string) map[string]*cloud.Object {
	out := map[string]*cloud.Object{}
	for _, o := range all {
		if o.Type == typ {
			out[o.Str("metadata.namespace")+"/"+o.Str("metadata.name")] = o
		}
	}
	return out
}

func listed(v any) []map[string]any {
	var out []map[string]any
	all, _ := v.([]any)
	for _, each := range all {
		m, _ := each.(map[string]any)
		out = append(out, m)
	}
	return out
}

// deliveryIsTheCatalogues walks from each service to its application, its project, what it is told and its secrets, and
// wants no project to reach what is another team's.
func deliveryIsTheCatalogues(t *testing.T, s config.Settings, all []*cloud.Object) {
	t.Helper()
	sets, projects := objectsOf(all, "kubernetes:argoproj.io/v1alpha1:ApplicationSet"), objectsOf(all, "kubernetes:argoproj.io/v1alpha1:AppProject")
	told := objectsOf(all, "kubernetes:core/v1:ConfigMap")
	stores, secrets := objectsOf(all, "kubernetes:external-secrets.io/v1:SecretStore"), objectsOf(all, "kubernetes:external-secrets.io/v1:ExternalSecret")
	set := sets[delivery.Namespace+"/services"]
	if set == nil {
		t.Fatalf("there is no set of applications: %v", sets)
	}
	elements := map[string]map[string]any{}
	for _, g := range listed(set.Value("spec.generators")) {
		list, _ := g["list"].(map[string]any)
		for _, e := range listed(list["elements"]) {
			elements[fmt.Sprint(e["service"])] = e
		}
	}
	if len(elements) != len(s.Catalog.Services) {
		t.Errorf("%d applications for %d services", len(elements), len(s.Catalog.Services))
	}
	for _, name := range s.Catalog.Names() {
		entry := s.Catalog.Services[name]
		for key, want := range map[string]string{
			"team": entry.Team, "namespace": name, "repository": s.Catalog.Teams[entry.Team].Repository, "path": name + "/" + s.Environment,
		} {
			if got := elements[name][key]; got != want {
				t.Errorf("the application of %s: %s is %v, want %s", name, key, got, want)
			}
		}
		for team := range s.Catalog.Teams {
			project, reaches := projects[delivery.Namespace+"/"+team], false
			if project == nil {
				continue
			}
			for _, d := range listed(project.Value("spec.destinations")) {
				reaches = reaches || d["namespace"] == name
			}
			repositories, _ := project.Value("spec.sourceRepos").([]any)
			if reaches != (team == entry.Team) || !slices.Equal(repositories, []any{s.Catalog.Teams[team].Repository}) {
				t.Errorf("project %s reaches %s: %v, and takes %v", team, name, reaches, repositories)
			}
		}
		data := map[string]any{}
		if values := told[name+"/"+workload.Values]; values != nil {
			data, _ = values.Value("data").(map[string]any)
		}
		for _, key := range wanted(s, name) {
			if text, _ := data[key].(string); text == "" {
				t.Errorf("%s is not told its %s: %v", name, key, data)
			}
		}
		for _, secret := range entry.Secrets {
			at := name + "/" + secret
			if stores[at] == nil || secrets[at] == nil || secrets[at].Str("spec.secretStoreRef.name") != secret {
				t.Errorf("secret %s of %s is not fetched", secret, name)
			} else if account := accountOf(stores[at].Value("spec.provider")); account != name {
				t.Errorf("secret %s of %s is fetched as %q", secret, name, account)
			}
		}
	}
}

// wanted are the keys under which a service is told what was made for it.
func wanted(s config.Settings, service string) []string {
	entry, out := s.Catalog.Services[service], []string{"CLOUD", "ENVIRONMENT", "IDENTITY", "REGION"}
	if s.Monitoring.Telemetry.Kind == watch.Collectors {
		out = append(out, "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME")
	}
	for _, event := range entry.Publishes {
		out = append(out, bridge.Key("topic", event))
	}
	for _, event := range entry.Consumes {
		out = append(out, bridge.Key("queue", event, "url"))
	}
	for _, called := range entry.Calls {
		out = append(out, bridge.Key("service", called, "url"))
	}
	if entry.Database != nil {
		out = append(out, "DATABASE_HOST", "DATABASE_PORT", "DATABASE_NAME", "DATABASE_USER")
	}
	if entry.Documents {
		out = append(out, "DOCUMENTS_TABLE")
	}
	return out
}

// accountOf is the account by whose tokens a store is opened, wherever its provider says so.
func accountOf(v any) string {
	m, _ := v.(map[string]any)
	for key, inner := range m {
		if key == "serviceAccountRef" {
			ref, _ := inner.(map[string]any)
			return fmt.Sprint(ref["name"])
		}
		if found := accountOf(inner); found != "" {
			return found
		}
	}
	return ""
}
