package environments

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/delivery"
	"platform/components/kubernetes/workload"
	"platform/stacks/catalog"
	"platform/stacks/config"
	"platform/tests/cloud"
	"platform/tests/cloud/kubernetes"
	"platform/tests/rehearsal"
	"platform/tests/world"
)

const (
	applicationType = "kubernetes:argoproj.io/v1alpha1:Application"
	serviceType     = "kubernetes:core/v1:Service"
	accountType     = "kubernetes:core/v1:ServiceAccount"
	secretType      = "kubernetes:core/v1:Secret"
)

// deliveredIn is what exists in an environment when its services run. Where nothing is delivered by itself, nothing has been, and
// somebody has it delivered now.
func deliveredIn(t *testing.T, s config.Settings, e *rehearsal.Environment) []*cloud.Object {
	t.Helper()
	all := e.Cloud.Inventory()
	want := "Synced"
	if !s.Delivery.SelfHeal {
		want = "OutOfSync"
	}
	applications := 0
	for _, o := range all {
		if o.Type == applicationType {
			applications++
			if got := o.Str("sync"); got != want {
				t.Errorf("%s is %q, want %q", o, got, want)
			}
		}
	}
	if applications != len(s.Catalog.Services) {
		t.Errorf("%d applications for %d services", applications, len(s.Catalog.Services))
	}
	if s.Delivery.SelfHeal {
		return all
	}
	if pods := podsOf(t, all); len(pods) > 0 {
		t.Errorf("pods run of %v, and nobody had them delivered", slices.Sorted(maps.Keys(pods)))
	}
	in, err := world.Of(world.At(s))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range in.Packages {
		if clusters, is := p.(*kubernetes.Package); is {
			if err := e.Cloud.Meddle(clusters.Sync); err != nil {
				t.Fatal(err)
			}
		}
	}
	return e.Cloud.Inventory()
}

// podsOf are the pods that were delivered and run, by their namespace.
func podsOf(t *testing.T, all []*cloud.Object) map[string]kubernetes.Pods {
	t.Helper()
	running, err := kubernetes.Running(all)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]kubernetes.Pods{}
	for _, p := range running {
		annotations, _ := p.Of.Value("metadata.annotations").(map[string]any)
		if annotations[tracked] == nil {
			continue // what the platform runs itself
		}
		if other, twice := out[p.Namespace]; twice && other.Of.ID != p.Of.ID {
			t.Errorf("two workloads were delivered to %s", p.Namespace)
		}
		out[p.Namespace] = p
	}
	return out
}

// tracked is the annotation of what Argo CD brought (https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/).
const tracked = "argocd.argoproj.io/tracking-id"

// selected says whether pods bear all labels of a selector that has some.
func selected(selector any, labels map[string]string) bool {
	m, _ := selector.(map[string]any)
	for key, value := range m {
		if labels[key] != value {
			return false
		}
	}
	return len(m) > 0
}

// behind are the pods that answer at the address of a Service, as <name>.<namespace>.svc, at a port; why says which link is missing.
func (l *links) behind(host string, port int) (pods kubernetes.Pods, why string) {
	name, rest, _ := strings.Cut(host, ".")
	namespace, _, _ := strings.Cut(rest, ".")
	for _, o := range l.inside(namespace, serviceType) {
		if o.Str("metadata.name") != name {
			continue
		}
		pods, runs := l.pods[namespace]
		if !runs || !selected(o.Value("spec.selector"), pods.Labels) {
			return pods, "pods behind " + o.PublicID()
		}
		for _, each := range listed(o.Value("spec.ports")) {
			if each["port"] != float64(port) {
				continue
			}
			if to := pods.Port(fmt.Sprint(each["targetPort"])); to != port {
				return pods, fmt.Sprintf("port %v of the pods behind %s: it is %d", each["targetPort"], o.PublicID(), to)
			}
			return pods, ""
		}
		return pods, fmt.Sprintf("port %d of %s", port, o.PublicID())
	}
	return pods, "Service at " + host
}

// address is the host and the port of what a service is told of another.
func address(url string) (host string, port int) {
	rest, _ := strings.CutPrefix(url, "http://")
	host, _, _ = strings.Cut(rest, ":")
	_, _ = fmt.Sscanf(strings.TrimPrefix(rest, host), ":%d", &port)
	return host, port
}

// toTheEnd walks from the address at which a service is called to its pods, and from these to whom they run as, what scales them,
// and where their secrets come from. It returns what the pods are told.
func (l *links) toTheEnd(s config.Settings, name string, entry catalog.Service, missing func(what, detail string)) map[string]string {
	application := applicationOf(l.all, name)
	if application == nil || application.Str("sync") != "Synced" {
		missing("application that is delivered", name)
	}
	host := name + "." + name + ".svc"
	if callers := s.Catalog.Callers(name); len(callers) > 0 {
		told := l.pods[callers[0]].Environment[bridge.Key("service", name, "url")]
		var port int
		if host, port = address(told); port != workload.Port {
			missing("address that its caller "+callers[0]+" is told", told)
		}
	}
	pods, why := l.behind(host, workload.Port)
	if why != "" {
		missing("way from its address to its pods", why)
		return map[string]string{}
	}
	if pods.Count < entry.Scaling.Min || pods.Count > s.Pods(name) {
		missing("pods within its bounds", fmt.Sprintf("%d of at least %d and at most %d", pods.Count, entry.Scaling.Min, s.Pods(name)))
	}
	if port := pods.Port("metrics"); port != workload.MetricsPort {
		missing("port of its pods for metrics", fmt.Sprint(port))
	}
	for _, budget := range l.inside(name, "kubernetes:policy/v1:PodDisruptionBudget") {
		if !selected(budget.Value("spec.selector.matchLabels"), pods.Labels) {
			missing("budget of its pods", budget.PublicID())
		}
	}
	l.runsAs(pods, missing)
	for _, secret := range entry.Secrets {
		if why := l.secretIn(pods, secret); why != "" {
			missing("value of its secret "+secret, why)
		}
	}
	return pods.Environment
}

func applicationOf(all []*cloud.Object, name string) *cloud.Object {
	return objectsOf(all, applicationType)[delivery.Namespace+"/"+name]
}

// runsAs walks from pods to their account, by which the cloud knows them. Azure gives tokens only to pods that ask by a label.
func (l *links) runsAs(pods kubernetes.Pods, missing func(what, detail string)) {
	for _, o := range l.inside(pods.Namespace, accountType) {
		if o.Str("metadata.name") != pods.Account {
			continue
		}
		annotations, _ := o.Value("metadata.annotations").(map[string]any)
		if client, asks := annotations["azure.workload.identity/client-id"]; asks {
			if pods.Labels["azure.workload.identity/use"] != "true" || !l.made("identity", pods.Namespace, fmt.Sprint(client)) {
				missing("token of its identity", fmt.Sprint(client))
			}
		}
		return
	}
	missing("account of its pods", pods.Account)
}

// secretIn walks from a variable of pods to the Secret that fills it and to what fetched that.
func (l *links) secretIn(pods kubernetes.Pods, name string) (why string) {
	for _, variable := range pods.Spec.Containers[0].Env {
		from := variable.ValueFrom
		if from == nil || from.SecretKeyRef == nil || from.SecretKeyRef.Name != name {
			continue
		}
		if pods.Environment[variable.Name] == "" {
			return "nothing under " + variable.Name
		}
		for _, o := range l.inside(pods.Namespace, secretType) {
			if o.Str("metadata.name") == name && o.Owner.Type == "kubernetes:external-secrets.io/v1:ExternalSecret" {
				return ""
			}
		}
		return "it was fetched by nobody"
	}
	return "no variable of its pods"
}

// brokenLinksAreMissed takes single links away from an environment's objects, and wants the walk to miss each.
func brokenLinksAreMissed(t *testing.T, s config.Settings, l *links) {
	t.Helper()
	all := l.all
	const name = "payments"
	change := func(typ, id string, path []string, to any) []*cloud.Object {
		out := slices.Clone(all)
		for i, o := range out {
			if o.Type == typ && o.PublicID() == id {
				changed := *o
				changed.Inputs = set(o.Inputs, path, to)
				out[i] = &changed
			}
		}
		return out
	}
	without := func(typ, id string) []*cloud.Object {
		return slices.DeleteFunc(slices.Clone(all), func(o *cloud.Object) bool { return o.Type == typ && o.PublicID() == id })
	}
	for mistake, planted := range map[string]struct {
		objects []*cloud.Object
		want    string
	}{
		"the Service selects others":         {change(serviceType, name+"/"+name, []string{"spec", "selector"}, map[string]any{"app": "x"}), "no way from its address to its pods: pods behind payments/payments"},
		"the Service is missing":             {without(serviceType, name+"/"+name), "no way from its address to its pods: Service at payments.payments.svc"},
		"the pods have another port":         {change(serviceType, name+"/"+name, []string{"spec", "ports"}, []any{map[string]any{"port": float64(workload.Port), "targetPort": "web"}}), "no way from its address to its pods: port web"},
		"nothing runs":                       {without("kubernetes:apps/v1:Deployment", name+"/"+name), "no way from its address to its pods: pods behind"},
		"the account is missing":             {without(accountType, name+"/"+name), "no account of its pods: payments"},
		"the secret is missing":              {without(secretType, name+"/card-network-credentials"), "no value of its secret card-network-credentials"},
		"the application is missing":         {without(applicationType, delivery.Namespace+"/"+name), "no application that is delivered"},
		"nothing is told":                    {without("kubernetes:core/v1:ConfigMap", name+"/"+workload.Values), "no queue: nothing is told"},
		"fewer pods than the catalogue says": {change("kubernetes:apps/v1:Deployment", name+"/"+name, []string{"spec", "replicas"}, 1.0), "no pods within its bounds: 1 of at least 3"},
	} {
		broken := &links{planted.objects, podsOf(t, planted.objects), l.text}
		faults := broken.missing(s)
		if !slices.ContainsFunc(faults, func(f string) bool { return strings.HasPrefix(f, name+": "+planted.want) }) {
			t.Errorf("%s, and it is not missed: %s\namong %q", mistake, planted.want, faults)
		}
	}
}

// set is a copy of an object with another value at a path.
func set(of map[string]any, path []string, to any) map[string]any {
	out := maps.Clone(of)
	if len(path) == 1 {
		out[path[0]] = to
		return out
	}
	inner, _ := of[path[0]].(map[string]any)
	out[path[0]] = set(inner, path[1:], to)
	return out
}
