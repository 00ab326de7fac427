package checks

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	doors "platform/components/kubernetes/kong"
	"platform/tests/cloud"
	"platform/tests/kong"
)

const (
	serviceType    = "kubernetes:core/v1:Service"
	deploymentType = "kubernetes:apps/v1:Deployment"
	configType     = "kubernetes:core/v1:ConfigMap"
	secretType     = "kubernetes:external-secrets.io/v1:ExternalSecret"
)

// ofDoor says that what a controller made is for the Service of a door.
func ofDoor(o *cloud.Object) bool {
	return strings.HasPrefix(o.Str("for"), "Service "+doors.Namespace+"/")
}

// served wants the Services by which the internet comes in to be doors, and these to have the one port.
func served(o *cloud.Object, _ world) (want, got string) {
	typ, inside := o.Str("spec.type"), o.Str("metadata.namespace") != doors.Namespace
	switch {
	case typ == "NodePort" && inside:
		return "no port on every node", typ
	case typ != "LoadBalancer" || inside:
		return "", "" // what its cloud makes of it is judged there
	}
	for _, port := range objects(o.Value("spec.ports")) {
		if fmt.Sprint(port["port"]) != "443" {
			return "a door at port 443 alone", fmt.Sprintf("one at port %v", port["port"])
		}
	}
	return "", ""
}

// Doors finds doors in the cluster that Kong would refuse, that would speak in the clear, that anybody could administer, and that
// would let somebody in without proof.
func Doors(all []*cloud.Object) []Finding {
	var out []Finding
	for _, o := range all {
		if o.Str("metadata.namespace") != doors.Namespace {
			continue
		}
		add := func(want, got string) {
			out = append(out, Finding{"doors", o.String(), want, got, "components/kubernetes/kong"})
		}
		if o.Str("metadata.name") == doors.Namespace { // behind doors that are elsewhere
			out = append(out, ingress(o)...)
			continue
		}
		switch o.Type {
		case deploymentType:
			settings := settingsOf(o)
			for name, wanted := range map[string]func(string) bool{
				"KONG_ADMIN_LISTEN":     func(s string) bool { return s == "off" },
				"KONG_ADMIN_GUI_LISTEN": func(s string) bool { return s == "off" },
				"KONG_DATABASE":         func(s string) bool { return s == "off" },
				"KONG_PROXY_LISTEN":     func(s string) bool { return !strings.Contains(s, ",") && strings.Contains(s, " ssl") },
				"KONG_SSL_PROTOCOLS": func(s string) bool {
					return s != "" && !slices.ContainsFunc(strings.Fields(s), func(p string) bool { return p != "TLSv1.2" && p != "TLSv1.3" })
				},
				"KONG_PLUGINS": func(s string) bool { return !strings.Contains(s, "bundled") && s != "" },
			} {
				if !wanted(settings[name]) {
					add("a door over TLS 1.2 or newer that nobody administers", name+"="+settings[name])
				}
			}
		case configType:
			for file, text := range texted(o.Value("data")) {
				if strings.HasSuffix(file, ".yml") {
					for _, fault := range kong.Faults(text) {
						add("a configuration that Kong takes", fault)
					}
					if why := unproven(text, all, o.Str("metadata.name")); why != "" {
						add("proof of who calls on every route", why)
					}
				}
			}
		case secretType:
			template, _ := o.Value("spec.target.template.data").(map[string]any)
			for _, text := range texted(template) {
				if strings.Contains(text, "keyauth_credentials") && strings.Count(text, "key:") != strings.Count(text, "key: {{") {
					add("keys that are filled in where the Secret is made", "one that is written down")
				}
			}
		}
	}
	return out
}

func settingsOf(deployment *cloud.Object) map[string]string {
	out := map[string]string{}
	for _, c := range objects(deployment.Value("spec.template.spec.containers")) {
		for _, e := range objects(c["env"]) {
			out[fmt.Sprint(e["name"])] = fmt.Sprint(e["value"])
		}
	}
	return out
}

func texted(v any) map[string]string {
	out := map[string]string{}
	m, _ := v.(map[string]any)
	for key, each := range m {
		out[key] = fmt.Sprint(each)
	}
	return out
}

// unproven says which route can be taken without proof: tokens and keys are asked for by plugins of all routes, certificates by
// the server of the door's pods.
func unproven(configuration string, all []*cloud.Object, audience string) string {
	var parsed struct {
		Services []struct {
			Routes []struct {
				Name      string   `yaml:"name"`
				Protocols []string `yaml:"protocols"`
			} `yaml:"routes"`
		} `yaml:"services"`
		Plugins []struct {
			Name string `yaml:"name"`
		} `yaml:"plugins"`
	}
	if err := yaml.Unmarshal([]byte(configuration), &parsed); err != nil {
		return err.Error()
	}
	asked := map[string]bool{}
	for _, p := range parsed.Plugins {
		asked[p.Name] = true
	}
	for _, o := range all {
		if o.Type == deploymentType && o.Str("metadata.namespace") == doors.Namespace && o.Str("metadata.name") == audience {
			asked["certificate"] = settingsOf(o)["KONG_NGINX_PROXY_SSL_VERIFY_CLIENT"] == "on"
		}
	}
	for _, s := range parsed.Services {
		for _, r := range s.Routes {
			if !asked["jwt"] && !asked["key-auth"] && !asked["certificate"] || asked["jwt"] && !asked["post-function"] {
				return "route " + r.Name
			}
			if !slices.Equal(r.Protocols, []string{"https"}) {
				return fmt.Sprintf("route %s over %v", r.Name, r.Protocols)
			}
		}
	}
	return ""
}
