package environments

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"platform/components/gateway"
	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/mesh"
	"platform/components/kubernetes/workload"
	"platform/stacks/catalog"
	"platform/stacks/config"
	"platform/tests/cloud"
	"platform/tests/cloud/kubernetes"
)

// links finds what was made for what, in the words of any cloud.
type links struct {
	all  []*cloud.Object
	pods map[string]kubernetes.Pods // that were delivered, by namespace
	text map[*cloud.Object]string
}

func linksOf(t *testing.T, all []*cloud.Object) *links {
	t.Helper()
	return &links{all, podsOf(t, all), map[*cloud.Object]string{}}
}

// says is everything that an object says, documents within it decoded.
func (l *links) says(o *cloud.Object) string {
	if known, ok := l.text[o]; ok {
		return known
	}
	var b strings.Builder
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, each := range v {
				walk(each)
			}
		case []any:
			for _, each := range v {
				walk(each)
			}
		case string:
			if document, err := base64.StdEncoding.DecodeString(v); err == nil && json.Valid(document) {
				b.Write(document)
			}
		}
	}
	for _, part := range []map[string]any{o.Inputs, o.Outputs} {
		raw, err := json.Marshal(part)
		if err == nil {
			b.Write(raw)
		}
		walk(part)
	}
	b.WriteString(o.ID)
	l.text[o] = b.String()
	return l.text[o]
}

// made says whether something that a capability made for an owner, a service or an event, says one of the texts. Whose it
// is, its name or its tags tell.
func (l *links) made(capability, owner string, texts ...string) bool {
	for _, o := range l.all {
		if !strings.Contains(o.URN, "platform:"+capability+":") || !strings.Contains(o.URN+l.says(o), owner) {
			continue
		}
		for _, text := range texts {
			if strings.Contains(l.says(o), text) {
				return true
			}
		}
	}
	return false
}

// inside are the objects of some types in a namespace.
func (l *links) inside(namespace string, types ...string) []*cloud.Object {
	var out []*cloud.Object
	for _, typ := range types {
		for _, o := range l.all {
			if o.Type == typ && o.Str("metadata.namespace") == namespace {
				out = append(out, o)
			}
		}
	}
	return out
}

// last is the own name in an address, which is what it leads to.
func last(address string) string { return address[strings.LastIndexAny(address, "/:")+1:] }

// everyLinkIsThere wants no link to be missing, and shows that it would be missed.
func everyLinkIsThere(t *testing.T, s config.Settings, all []*cloud.Object) {
	t.Helper()
	l := linksOf(t, all)
	for _, fault := range l.missing(s) {
		t.Error(fault)
	}
	brokenLinksAreMissed(t, s, l)
	if s.Gateway.Kind != gateway.Kong {
		ingressIsMissed(t, s, l)
	}
}

// missing walks from each service of the catalogue to everything that was made for it, by what one says of the
// other: its route and the door that it comes through, its address and its pods, their account and identity, and what these are
// told: its queues and what scales it by them, its database and the way there, and its secrets; and its callers' admission.
// Where it is delivered from, deliveryIsTheCatalogues asks.
func (l *links) missing(s config.Settings) (faults []string) {
	for _, name := range s.Catalog.Names() {
		entry := s.Catalog.Services[name]
		missing := func(what, detail string) { faults = append(faults, fmt.Sprintf("%s: no %s: %s", name, what, detail)) }

		for _, r := range entry.Routes {
			if path := strings.Trim(r.Path, "/"); !l.made("gateway", "", "/"+path, `"`+path+`"`) {
				missing("route", r.Path)
			}
		}
		through := l.throughIngress
		if s.Gateway.Kind == gateway.Kong {
			through = l.throughDoor
		}
		for _, r := range entry.Routes {
			for _, audience := range r.Audiences {
				if why := through(s, audience, name, r); why != "" {
					missing("way through the door of "+audience, why)
				}
			}
		}
		if len(l.inside(name, "kubernetes:core/v1:ResourceQuota")) == 0 {
			missing("namespace with a quota", name)
		}
		told := l.toTheEnd(s, name, entry, missing)
		value := func(key string) string {
			if told[key] == "" {
				return "nothing is told under " + key
			}
			return told[key]
		}
		if who := value("IDENTITY"); !l.made("identity", name, who) {
			missing("identity", who)
		}
		// Each cloud binds an account in words of its own.
		if !l.made("identity", name, `"namespace":"`+name+`","roleArn"`, "system:serviceaccount:"+name+":"+name, "["+name+"/"+name+"]") {
			missing("identity that trusts its account", name)
		}
		for _, event := range entry.Publishes {
			if topic := last(value(bridge.Key("topic", event))); !l.made("queue", event, topic) {
				missing("topic", topic)
			}
		}
		scalers := l.inside(name, "kubernetes:keda.sh/v1alpha1:ScaledObject", "kubernetes:autoscaling/v2:HorizontalPodAutoscaler")
		if len(scalers) != 1 || scalers[0].Str("spec.scaleTargetRef.name") != name {
			missing("one scaler of its own", name)
		}
		for _, event := range entry.Consumes {
			queue := last(value(bridge.Key("queue", event, "url")))
			if !l.made("queue", event, queue) {
				missing("queue", queue)
			}
			if len(scalers) == 1 && !strings.Contains(l.says(scalers[0]), queue) {
				missing("scaler that looks at the queue", queue)
			}
		}
		ways, found := "", map[string]bool{}
		for _, o := range l.inside(name, "kubernetes:networking.k8s.io/v1:NetworkPolicy") {
			ways += l.says(o)
		}
		if ways == "" {
			missing("network policy", name)
		}
		if entry.Database != nil {
			if host := value("DATABASE_HOST"); !l.made("database", name, host) {
				missing("database", host)
			}
			if port := `"port":` + value("DATABASE_PORT"); !strings.Contains(ways, port) {
				missing("way to its database", port)
			}
		}
		admits := l.inside(name, accessType)
		if len(admits) != 1 {
			missing("one policy of the mesh", name)
		}
		for _, caller := range s.Catalog.Callers(name) {
			if who := mesh.Principal(domainOf(s), caller, caller); len(admits) == 1 && !strings.Contains(l.says(admits[0]), `"`+who+`"`) {
				missing("admission of its caller", who)
			}
		}
		// What is asked for is the secret's own name, or that of the vault which an operator fills.
		for _, o := range l.inside(name, "kubernetes:external-secrets.io/v1:SecretStore", "kubernetes:external-secrets.io/v1:ExternalSecret") {
			for _, text := range asked(o) {
				found[o.Str("metadata.name")] = found[o.Str("metadata.name")] || l.made("secret", name, text)
			}
		}
		for _, secret := range entry.Secrets {
			if !found[secret] {
				missing("secret", secret)
			}
		}
	}
	return faults
}

// throughDoor walks from the host name of an audience's door to a service: its record and certificate, its pods and what they
// know, the route with the service's share of the rate, and where that leads. It says which link is not there.
func (l *links) throughDoor(s config.Settings, audience, service string, r catalog.Route) string {
	host := gateway.Args{Domain: s.Landing.DNS.Domain, Label: s.Gateway.Label}.Host(audience)
	named := func(typ string) *cloud.Object {
		for _, o := range l.inside(workload.Ingress, typ) {
			if o.Str("metadata.name") == audience {
				return o
			}
		}
		return &cloud.Object{}
	}
	door, pods, knows := named("kubernetes:core/v1:Service"), named("kubernetes:apps/v1:Deployment"), named("kubernetes:core/v1:ConfigMap")
	annotations, _ := door.Value("metadata.annotations").(map[string]any)
	hosts := named("kubernetes:cert-manager.io/v1:Certificate").List("spec.dnsNames")
	selector, _ := door.Value("spec.selector").(map[string]any)
	labels, _ := pods.Value("spec.template.metadata.labels").(map[string]any)
	data, _ := knows.Value("data").(map[string]any)
	text, _ := data["kong.yml"].(string)
	switch {
	case annotations["external-dns.alpha.kubernetes.io/hostname"] != host:
		return fmt.Sprintf("record of %s: %v", host, annotations)
	case door.Value("status.loadBalancer.ingress") == nil:
		return "address of " + door.PublicID()
	case !slices.Equal(hosts, []string{host}):
		return fmt.Sprintf("certificate of %s: %v", host, hosts)
	case len(selector) == 0:
		return "pods behind " + door.PublicID()
	}
	for key, value := range selector {
		if labels[key] != value {
			return fmt.Sprintf("pods of %s=%v", key, value)
		}
	}
	var known struct {
		Services []struct {
			Name, Host string
			Port       int
			Routes     []struct {
				Hosts, Paths []string
				Plugins      []struct {
					Name   string
					Config map[string]any
				}
			}
		}
	}
	if err := yaml.Unmarshal([]byte(text), &known); err != nil {
		return err.Error()
	}
	for _, to := range known.Services {
		for _, route := range to.Routes {
			if to.Name == service && slices.Equal(route.Hosts, []string{host}) &&
				slices.Contains(route.Paths, r.Path+"/") && len(route.Plugins) == 1 {
				share, _ := route.Plugins[0].Config["second"].(int)
				if all := share * s.Gateway.Replicas; route.Plugins[0].Name != "rate-limiting" || all < r.Rate || all >= r.Rate+s.Gateway.Replicas {
					return fmt.Sprintf("rate of %d: %v", r.Rate, route.Plugins[0])
				}
				if pods, why := l.behind(to.Host, to.Port); why != "" || pods.Namespace != service {
					return "pods of the service behind the route: " + why
				}
				return ""
			}
		}
	}
	return "route " + r.Path
}

// asked is where a store or a secret of a namespace leads.
func asked(o *cloud.Object) []string {
	var out []string
	for _, d := range listed(o.Value("spec.data")) {
		ref, _ := d["remoteRef"].(map[string]any)
		if key, _ := ref["key"].(string); key != "" {
			out = append(out, last(key))
		}
	}
	if vault := o.Str("spec.provider.azurekv.vaultUrl"); vault != "" {
		out = append(out, vault)
	}
	return out
}

// TestALinkIsWhatOneSaysOfTheOther shows that the walk misses what nothing says, what something else says, and what only
// sounds alike.
func TestALinkIsWhatOneSaysOfTheOther(t *testing.T) {
	l := linksOf(t, []*cloud.Object{
		{URN: "urn:pulumi:dev::platform::platform:queue:Queue$t::queue-paid-topic", Outputs: map[string]any{"arn": "arn:aws:sns:x:1:paid"}},
		{
			URN: "urn:pulumi:dev::platform::platform:secret:Secret$t::vault-1", Inputs: map[string]any{"tags": map[string]any{"service": "shop"}},
			Outputs: map[string]any{"url": "https://vault-1/"},
		},
		{URN: "urn:pulumi:dev::platform::platform:gateway:Gateway$t::doc", Inputs: map[string]any{
			"contents": base64.StdEncoding.EncodeToString([]byte(`{"paths":{"/orders":{}}}`)),
		}},
	})
	for _, test := range []struct {
		capability, owner, text string
		want                    bool
	}{
		{"queue", "paid", last("arn:aws:sns:x:1:paid"), true}, {"queue", "paid", "unpaid", false}, {"secret", "paid", "paid", false},
		{"secret", "shop", "https://vault-1/", true}, {"secret", "orders", "https://vault-1/", false},
		{"gateway", "", "/orders", true}, {"gateway", "", "/payments", false},
	} {
		if got := l.made(test.capability, test.owner, test.text); got != test.want {
			t.Errorf("%s of %s says %s: %v, want %v", test.capability, test.owner, test.text, got, test.want)
		}
	}
}
