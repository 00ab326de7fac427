package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"platform/components/gateway"
	"platform/components/identity"
	"platform/components/kubernetes/workload"
	"platform/stacks/config"
)

// The platform's components as a state names them. A component's inputs say what it was asked for.
const (
	identityType  = "platform:identity:Identity"
	queueType     = "platform:queue:Queue"
	databaseType  = "platform:database:Database"
	documentsType = "platform:documents:Documents"
	secretType    = "platform:secret:Secret"
	tenancyType   = "platform:tenancy:Tenancy"
	clusterType   = "platform:cluster:Cluster"
	deliveryType  = "platform:delivery:Delivery"
	objectsType   = "platform:objects:Objects"
)

// accountKind is an account of the cluster.
const accountKind = "kubernetes:core/v1:ServiceAccount"

// parts are the components that need grants of their own, beside those of services.
var parts = map[string]string{
	clusterType: "cluster", "platform:network:Network": "network", "platform:gateway:Gateway": "gateway", "platform:ingress:Ingress": "ingress", "platform:foundation:Foundation": "foundation",
	"platform:queue:Broker": "broker", "platform:alarms:Alarms": "alarms", "platform:karpenter:Karpenter": "nodes",
	"platform:storage:Storage": "storage", "platform:headroom:Headroom": "headroom", "platform:guardrails:Guardrails": "guardrails",
	deliveryType: deliveryPart, "platform:monitoring:Monitoring": monitoringPart, "platform:datadog:Datadog": monitoringPart, "platform:trail:Trail": "trail", "platform:trail:Store": "trail",
	objectsType: telemetryPart, "platform:telemetry:Telemetry": telemetryPart,
}

// controllers are the platform's own in the cluster that have an identity, as a service has one: by name, what asks for it.
// Each writes into the environment's zone of names, and nothing else.
var controllers = map[string]func(config.Settings) string{
	workload.Certificates: func(s config.Settings) string {
		if s.Certificates.ACME == nil {
			return ""
		}
		return "certificates.acme"
	},
	workload.Records: func(config.Settings) string { return "dns: the names of the cluster" },
}

// controls is what asks for a controller of the platform's own.
func (w reasons) controls(name string) string {
	if ask, known := controllers[name]; known {
		return ask(w.settings)
	}
	return ""
}

// Parts of the platform that have an identity as services do, to fetch what an operator keeps for them.
const (
	deliveryPart   = "delivery"
	monitoringPart = "monitoring"
)

// telemetryPart is what keeps traces and logs; the identity of each store is named after what it keeps.
const (
	telemetryPart = "monitoring.telemetry"
	keeper        = "telemetry-"
)

// fetched are the secrets of such parts, by name, with what asks for each.
var fetched = map[string]map[string]string{
	deliveryPart:   {"git": "delivery.git", "sso": "delivery.sso"},
	monitoringPart: {"receivers": "monitoring, the receivers of teams", "sso": "monitoring.sso", "keys": "monitoring.datadog"},
}

// keyed is the audience of an environment's file whose callers prove themselves by keys, which the doors in the cluster fetch as one
// identity; empty where the file has none of the name.
func (w reasons) keyed(audience string) string {
	if w.settings.Gateway.Audiences[audience].Auth != gateway.Key {
		return ""
	}
	return "gateway.audiences." + audience
}

// allKeyed are all of them.
func (w reasons) allKeyed() string {
	var lines []string
	for _, audience := range slices.Sorted(maps.Keys(w.settings.Gateway.Audiences)) {
		if why := w.keyed(audience); why != "" {
			lines = append(lines, why)
		}
	}
	return strings.Join(lines, ", ")
}

// reasons finds what asked for a grant: from the component above it, what that was asked for, and the settings.
type reasons struct {
	*snapshot
	settings config.Settings
}

// line is the path of an entry in a list of a service; empty where the service asks for no such thing.
func line(service, list string, entries []string, entry string) string {
	if i := slices.Index(entries, entry); i >= 0 {
		return fmt.Sprintf("services.%s.%s[%d]", service, list, i)
	}
	return ""
}

// ask is what a service may ask for: a component, and what tells it from others of its type.
type ask struct{ component, key string }

// asked is the line of the catalogue by which a service uses something as a grant's role says, and what it then uses.
func (w reasons) asked(service, role string) (string, ask) {
	if role == "zone" {
		return w.controls(service), ask{}
	}
	kind, name, _ := strings.Cut(role, "-")
	if why := fetched[service][name]; kind == "secret" && why != "" {
		return why, ask{secretType, service + "/" + name}
	}
	if service == workload.Ingress && kind == "secret" {
		return w.keyed(name), ask{secretType, service + "/" + name}
	}
	if service == workload.Scaler {
		return w.observed(role)
	}
	if kept, ok := strings.CutPrefix(service, keeper); ok && role == "objects" {
		return telemetryPart + ": " + kept, ask{objectsType, kept}
	}
	entry, known := w.settings.Catalog.Services[service]
	if !known {
		return "", ask{}
	}
	switch kind {
	case "topic":
		return line(service, "publishes", entry.Publishes, name), ask{queueType, name}
	case "queue":
		return line(service, "consumes", entry.Consumes, name), ask{queueType, name}
	case "secret":
		return line(service, "secrets", entry.Secrets, name), ask{secretType, service + "/" + name}
	case "database":
		if entry.Database != nil {
			return "services." + service + ".database", ask{databaseType, service}
		}
	case "documents":
		if entry.Documents {
			return "services." + service + ".documents", ask{documentsType, service}
		}
	}
	return "", ask{}
}

// observed is the line of the consumer whose queue the autoscaler asks how deep it is.
func (w reasons) observed(role string) (string, ask) {
	for _, name := range w.settings.Catalog.Names() {
		consumes := w.settings.Catalog.Services[name].Consumes
		for _, event := range consumes {
			if role == "queue-"+event+"-"+name {
				return line(name, "consumes", consumes, event), ask{queueType, event}
			}
		}
	}
	return "", ask{}
}

// is what a component of a service or an event is.
func (w reasons) is(component *resource) ask {
	switch component.Type {
	case queueType:
		return ask{queueType, text(component.at("event"))}
	case objectsType:
		return ask{objectsType, text(component.at("purpose"))}
	case secretType:
		return ask{secretType, text(component.at("service")) + "/" + text(component.at("name"))}
	}
	return ask{component.Type, text(component.at("service"))}
}

// owner is the service whose identity somebody is.
func (w reasons) owner(who string) string {
	if r := w.find(who); r != nil {
		if c := w.component(r); c != nil && c.Type == identityType {
			return text(c.at("service"))
		}
	}
	return ""
}

// clouds are the ends of the names as which the clouds themselves work: their services, the account's own policies,
// and the accounts of Google's services
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html,
// https://cloud.google.com/iam/docs/service-agents).
var clouds = []string{".amazonaws.com", ":root", "@compute-system.iam.gserviceaccount.com", "@container-engine-robot.iam.gserviceaccount.com",
	"@gs-project-accounts.iam.gserviceaccount.com"}

// within says whether somebody is the cloud, or a part of the platform itself. Nobody from outside is.
func (w reasons) within(g Grant) bool {
	if g.Deny || g.who == unknown {
		return true
	}
	if r := w.find(g.who); r != nil {
		c := w.component(r)
		return c != nil && c.Type != identityType
	}
	if strings.HasSuffix(g.who, ":root") {
		return strings.HasSuffix(g.who, "::"+w.settings.Landing.Account+":root")
	}
	if strings.HasPrefix(g.who, "arn:aws:iam::"+w.settings.Landing.Account+":role/aws-service-role/") {
		return true // AWS alone makes and takes these (https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html)
	}
	return strings.Contains(g.who, "@gcp-sa-") || slices.ContainsFunc(clouds, func(end string) bool { return strings.HasSuffix(g.who, end) })
}

// reason is what asked for a grant; empty where nothing did.
func (w reasons) reason(r *resource, g Grant) string {
	c := w.component(r)
	if c == nil {
		return ""
	}
	service := text(c.at("service"))
	entry, known := w.settings.Catalog.Services[service]
	switch c.Type {
	case identityType:
		if !takesOn[r.kind()] {
			return w.granted(r, g, c, service)
		}
		switch {
		case known:
			return "services." + service
		case service == workload.Scaler:
			return service + ": its " + strings.TrimPrefix(r.name(), c.name()+"-")
		case strings.HasPrefix(service, keeper):
			return telemetryPart + ": " + strings.TrimPrefix(service, keeper)
		}
		switch service {
		case deliveryPart, monitoringPart:
			return service
		case workload.Ingress:
			return w.allKeyed()
		}
		return w.controls(service)
	case queueType:
		return w.carried(r, g, text(c.at("event")))
	case databaseType, documentsType, secretType:
		if user := w.owner(g.who); user != "" && user != service || user == "" && !w.within(g) && !w.loginOf(g, service) {
			return ""
		}
		role := map[string]string{databaseType: "database", documentsType: "documents", secretType: "secret-" + text(c.at("name"))}[c.Type]
		why, _ := w.asked(service, role)
		return why
	case tenancyType:
		if !known {
			return ""
		}
		if r.kind() == accountKind {
			return "services." + service
		}
		if g.who == text(c.at("group")) || g.who == unknown {
			return fmt.Sprintf("services.%s.team, teams.%s.groups.%s", service, entry.Team, w.settings.Cloud)
		}
	case deliveryType:
		// What delivers writes in the namespaces of services, each by a binding of its own there.
		if to, ok := strings.CutPrefix(r.name(), c.name()+"-deliver-"); ok {
			if _, known := w.settings.Catalog.Services[to]; known && text(r.at("metadata.namespace")) == to && strings.HasPrefix(g.who, deliveryPart+"/") {
				return deliveryPart + ", services." + to
			}
			return ""
		}
		return w.ofPart(r, g, c)
	default:
		return w.ofPart(r, g, c)
	}
	return ""
}

// loginOf says whether somebody is known to a database by the name of a service's own account.
func (w reasons) loginOf(g Grant, service string) bool {
	return w.owner("serviceAccount:"+g.who+".gserviceaccount.com") == service
}

// granted is the line behind one grant of a service: the component says as what each was asked for, and what it is on
// must be what the line speaks of.
func (w reasons) granted(r *resource, g Grant, c *resource, service string) string {
	declared, _ := c.at("rights").(map[string]any)
	if user := w.owner(g.who); user != service && g.who != unknown {
		return ""
	}
	if r.name() == c.name()+"-"+string(identity.Observe) {
		return w.allObserved(declared)
	}
	for role := range declared {
		why, wants := w.asked(service, role)
		if why == "" || !plays(r, g, c, role) {
			continue
		}
		on := w.find(g.where)
		if on == nil {
			return why
		}
		if above := w.component(on); above != nil && w.is(above) == wants {
			return why
		}
	}
	return ""
}

// plays says whether a grant is the one of a role: a statement bears the role's name without dashes, a resource of its
// own bears it behind the component's.
func plays(r *resource, g Grant, c *resource, role string) bool {
	if g.part != "" {
		plain := strings.ReplaceAll(role, "-", "")
		return slices.ContainsFunc([]string{"", "key", "about", "within"}, func(end string) bool { return strings.EqualFold(plain+end, g.part) })
	}
	rest, ok := strings.CutPrefix(r.name(), c.name()+"-")
	return ok && (rest == role || slices.Contains([]string{"-client", "-user", "-look", "-bucket"}, strings.TrimPrefix(rest, role)))
}

// allObserved are the lines of all queues that somebody may observe, for a grant that is one for all.
func (w reasons) allObserved(declared map[string]any) string {
	var lines []string
	for _, role := range slices.Sorted(maps.Keys(declared)) {
		if why, _ := w.observed(role); why != "" {
			lines = append(lines, why)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, ", ")
}

// carried is the line for which an event is carried: its publisher's, or a consumer's.
func (w reasons) carried(r *resource, g Grant, event string) string {
	if user := w.owner(g.who); user == workload.Scaler {
		for _, name := range w.settings.Catalog.Consumers(event) {
			if strings.HasSuffix(r.name(), "-"+name) {
				return line(name, "consumes", w.settings.Catalog.Services[name].Consumes, event)
			}
		}
		return ""
	} else if user != "" {
		for _, role := range []string{"topic-" + event, "queue-" + event} {
			if why, _ := w.asked(user, role); why != "" {
				return why
			}
		}
		return ""
	}
	publisher, known := w.settings.Catalog.Publisher(event)
	if !known || !w.within(g) {
		return ""
	}
	why, _ := w.asked(publisher, "topic-"+event)
	return why
}

// takesOn are the types that make an identity and say who may be it. All else beneath one is what it may do.
var takesOn = map[string]bool{
	"azure-native:managedidentity:UserAssignedIdentity": true, "gcp:serviceaccount/account:Account": true,
	"aws:iam/role:Role": true, "aws:eks/podIdentityAssociation:PodIdentityAssociation": true,
	"azure-native:managedidentity:FederatedIdentityCredential": true, "gcp:serviceaccount/iAMMember:IAMMember": true,
}

// ofPods are the types that let pods be somebody; who they are the cluster says, not the cloud.
var ofPods = []string{"aws:eks/podIdentityAssociation:PodIdentityAssociation", "azure-native:managedidentity:FederatedIdentityCredential"}

// ofPart is the part of the platform that needs a grant, or who was named for it.
func (w reasons) ofPart(r *resource, g Grant, c *resource) string {
	part, known := parts[c.Type]
	if !known {
		return ""
	}
	if why := w.named(g.who); why != "" {
		return why
	}
	if !w.within(g) && !w.makes(c, g.who) && !slices.Contains(g.Flags, LongLivedKey) && !slices.Contains(ofPods, r.kind()) {
		return ""
	}
	return part + ": its " + strings.TrimPrefix(r.name(), c.name()+"-")
}

// makes says whether somebody is an account of the cluster that a part makes itself, as <namespace>/<name>.
func (w reasons) makes(c *resource, who string) bool {
	return slices.ContainsFunc(w.all, func(r *resource) bool {
		return r.kind() == accountKind && w.component(r) == c && text(r.at("metadata.namespace"))+"/"+text(r.at("metadata.name")) == who
	})
}

// named is where the landing zone or a team names somebody.
func (w reasons) named(who string) string {
	zone := fmt.Sprintf("landing-zones.%s.%s", w.settings.Cloud, w.settings.LandingZone)
	if i := slices.Index(w.settings.Landing.Admins, who); i >= 0 {
		return fmt.Sprintf("%s.admins[%d]", zone, i)
	}
	if i := slices.Index(w.settings.Landing.Viewers, who); i >= 0 {
		return fmt.Sprintf("%s.viewers[%d]", zone, i)
	}
	groups := w.settings.Catalog.Groups(w.settings.Cloud)
	for team, group := range groups {
		if who == group || who == "group:"+group || who == fmt.Sprintf("arn:aws:iam::%s:role/%s", w.settings.Landing.Account, group) {
			return fmt.Sprintf("teams.%s.groups.%s", team, w.settings.Cloud)
		}
	}
	return ""
}
