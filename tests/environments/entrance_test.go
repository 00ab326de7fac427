package environments

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"platform/components/gateway"
	"platform/components/kubernetes/workload"
	"platform/stacks/catalog"
	"platform/stacks/config"
	"platform/tests/cloud"
	"platform/tests/cloud/kubernetes"
	"platform/tests/mesh"
)

// ingressPort is where the pods of the ingress take what comes.
const ingressPort = 8443

// arrival is how the door of an audience comes to the cluster: to a port of the nodes, an address or a name, and what it shows.
type arrival struct {
	nodePort int
	address  string
	host     string
	from     netip.Addr
	token    *mesh.Token
}

// arrivals walk from the door of an audience as far as the cluster, by the objects of each cloud; why says which link is not there.
var arrivals = map[string]func(l *links, audience string, r catalog.Route) (arrival, string){
	"aws": (*links).arrivesOnAWS, "azure": (*links).arrivesOnAzure, "gcp": (*links).arrivesOnGCP,
}

// throughIngress walks from an audience's door outside of the cluster to a service: what the door leads to, the Service of the
// ingress, its pods and their certificate, who may come to them, the route, and the pods of the service. It says which link is not
// there.
func (l *links) throughIngress(s config.Settings, audience, service string, r catalog.Route) string {
	comes, why := arrivals[s.Cloud](l, audience, r)
	if why != "" {
		return why
	}
	origin := gateway.Args{Domain: s.Landing.DNS.Domain, Label: s.Gateway.Label}.Host(gateway.Origin)
	in, why := l.ingressService(comes, origin)
	if why != "" {
		return why
	}
	pods, why := l.ingressPods(s, in)
	if why != "" {
		return why
	}
	certificates := l.inside(workload.Ingress, "kubernetes:cert-manager.io/v1:Certificate")
	if len(certificates) != 1 || !slices.Equal(certificates[0].List("spec.dnsNames"), []string{origin}) {
		return "certificate of " + origin
	}
	m, err := mesh.Of(l.all)
	if err != nil {
		return err.Error()
	}
	at := mesh.Target{Namespace: workload.Ingress, Labels: pods.Labels, Port: ingressPort}
	for _, path := range []string{r.Path, r.Path + "/7"} {
		request := mesh.Request{From: comes.from, Path: path, Headers: map[string]string{strings.ToLower(gateway.AudienceHeader): audience}, Token: comes.token}
		if passes, why := m.Passes(request, at); !passes {
			return fmt.Sprintf("admission of %s at %s: %s", audience, path, why)
		}
		if why := strangerPasses(m, request, at, comes); why != "" {
			return why
		}
		host, port, why := m.Leads(request, at)
		if why != "" {
			return why
		}
		behind, why := l.behind(strings.TrimSuffix(host, ".cluster.local"), port)
		if why != "" || behind.Namespace != service {
			return "pods of the service behind the route: " + why
		}
	}
	if who := as(domainOf(s), pods); who != under(domainOf(s), workload.Ingress) {
		return "identity by which services know the gateway: " + who.Principal
	}
	return ""
}

// strangerPasses says who is let in and should not be: without what the door shows or from where it does not come, and as nobody.
func strangerPasses(m mesh.Mesh, request mesh.Request, at mesh.Target, comes arrival) string {
	nobody, stranger := request, request
	nobody.Headers = nil
	stranger.From, stranger.Token = netip.MustParseAddr(somewhere), nil
	for what, r := range map[string]mesh.Request{"as nobody": nobody, "without proof": stranger} {
		if passes, _ := m.Passes(r, at); passes {
			return "refusal of who comes " + what
		}
	}
	if comes.token == nil {
		return ""
	}
	for what, token := range map[string]mesh.Token{
		"for another door": {Issuer: comes.token.Issuer, Subject: comes.token.Subject, Audience: comes.token.Audience + "x"},
		"of another":       {Issuer: comes.token.Issuer, Subject: comes.token.Subject + "0", Audience: comes.token.Audience},
	} {
		stranger.Token = &token
		if passes, _ := m.Passes(stranger, at); passes {
			return "refusal of a token " + what
		}
	}
	return ""
}

// ingressService is that to which the doors come.
func (l *links) ingressService(comes arrival, origin string) (*cloud.Object, string) {
	services := l.inside(workload.Ingress, serviceType)
	if len(services) != 1 {
		return nil, fmt.Sprintf("one Service of the ingress: %d", len(services))
	}
	in := services[0]
	ports := listed(in.Value("spec.ports"))
	if len(ports) != 1 || ports[0]["port"] != 443.0 || ports[0]["targetPort"] != float64(ingressPort) {
		return nil, fmt.Sprintf("port of the ingress: %v", ports)
	}
	if comes.nodePort != 0 {
		if ports[0]["nodePort"] != float64(comes.nodePort) || in.Str("spec.type") != "NodePort" {
			return nil, fmt.Sprintf("port %d of the nodes: %v", comes.nodePort, ports)
		}
		return in, ""
	}
	balancers, _ := in.Value("status.loadBalancer.ingress").([]any)
	if in.Str("spec.type") != "LoadBalancer" || len(balancers) != 1 {
		return nil, "load balancer of the ingress"
	}
	if made, _ := balancers[0].(map[string]any); comes.address != "" && made["ip"] != comes.address {
		return nil, fmt.Sprintf("address %s of the ingress: %v", comes.address, made)
	}
	if comes.host != "" && (comes.host != origin || in.Value("metadata.annotations") == nil || !strings.Contains(l.says(in), `"external-dns.alpha.kubernetes.io/hostname":"`+comes.host+`"`)) {
		return nil, "name " + comes.host + " of the ingress"
	}
	return in, ""
}

// ingressPods are those that run behind the Service, as many as the environment says.
func (l *links) ingressPods(s config.Settings, in *cloud.Object) (kubernetes.Pods, string) {
	running, err := kubernetes.Running(l.inside(workload.Ingress, "kubernetes:apps/v1:Deployment"))
	if err != nil || len(running) != 1 {
		return kubernetes.Pods{}, fmt.Sprintf("pods of the ingress that run: %d, %v", len(running), err)
	}
	pods := running[0]
	switch {
	case !selected(in.Value("spec.selector"), pods.Labels):
		return pods, "pods behind " + in.PublicID()
	case pods.Count != s.Gateway.Replicas:
		return pods, fmt.Sprintf("%d pods of the ingress: %d", s.Gateway.Replicas, pods.Count)
	case pods.Port("https") != ingressPort:
		return pods, fmt.Sprintf("port of the ingress's pods: %d", pods.Port("https"))
	}
	return pods, ""
}

// logical are the objects of a type by the names that the program gives them.
func (l *links) logical(typ, name string) *cloud.Object {
	for _, o := range l.all {
		if o.Type == typ && o.URN != "" && resource.URN(o.URN).Name() == name {
			return o
		}
	}
	return &cloud.Object{}
}

// public finds an object by what others call it.
func (l *links) public(typ, property, value string) *cloud.Object {
	for _, o := range l.all {
		if o.Type == typ && value != "" && (o.PublicID() == value || o.Str(property) == value) {
			return o
		}
	}
	return &cloud.Object{}
}

// arrivesOnAWS walks from a route by its integration, link and listener to the group of targets and its nodes.
func (l *links) arrivesOnAWS(audience string, r catalog.Route) (arrival, string) {
	api := l.logical("aws:apigatewayv2/api:Api", "gateway-"+audience)
	var route *cloud.Object
	for _, o := range l.all {
		if o.Type == "aws:apigatewayv2/route:Route" && o.Str("apiId") == api.PublicID() && o.Str("routeKey") == "ANY "+r.Path {
			route = o
		}
	}
	if route == nil {
		return arrival{}, "route ANY " + r.Path + " of " + api.PublicID()
	}
	integration := l.public("aws:apigatewayv2/integration:Integration", "id", last(route.Str("target")))
	parameters, _ := integration.Value("requestParameters").(map[string]any)
	if integration.Str("apiId") != api.PublicID() || parameters["overwrite:header."+gateway.AudienceHeader] != audience {
		return arrival{}, fmt.Sprintf("integration that says %s: %v", audience, parameters)
	}
	if l.public("aws:apigatewayv2/vpcLink:VpcLink", "id", integration.Str("connectionId")).Type == "" {
		return arrival{}, "link " + integration.Str("connectionId")
	}
	listener := l.public("aws:lb/listener:Listener", "arn", integration.Str("integrationUri"))
	actions := listed(listener.Value("defaultActions"))
	if len(actions) != 1 {
		return arrival{}, "listener " + integration.Str("integrationUri")
	}
	targets := l.public("aws:lb/targetGroup:TargetGroup", "arn", fmt.Sprint(actions[0]["targetGroupArn"]))
	if targets.Str("protocol") != "TLS" {
		return arrival{}, fmt.Sprintf("group of targets %v by TLS", actions[0]["targetGroupArn"])
	}
	for _, o := range l.all {
		if o.Type == "aws:autoscaling/attachment:Attachment" && o.Str("lbTargetGroupArn") == targets.Str("arn") {
			subnet := l.firstSubnet("aws:ec2/subnet:Subnet", "cidrBlock", "network-private")
			return arrival{nodePort: int(targets.Num("port")), from: subnet}, ""
		}
	}
	return arrival{}, "nodes in " + targets.PublicID()
}

// firstSubnet is an address of a tier.
func (l *links) firstSubnet(typ, property, name string) netip.Addr {
	for _, o := range l.all {
		if o.Type == typ && o.URN != "" && strings.HasPrefix(resource.URN(o.URN).Name(), name) {
			if block, err := netip.ParsePrefix(o.Str(property)); err == nil {
				return block.Addr().Next().Next().Next().Next()
			}
		}
	}
	return netip.Addr{}
}

// arrivesOnAzure walks from the API of a path by the service's backend and its name in the network to an address.
func (l *links) arrivesOnAzure(_ string, r catalog.Route) (arrival, string) {
	found := false
	for _, o := range l.all {
		found = found || o.Type == "azure-native:apimanagement:Api" && o.Str("path") == strings.Trim(r.Path, "/")
	}
	if !found {
		return arrival{}, "API of " + r.Path
	}
	host, over := strings.CutPrefix(l.logical("azure-native:apimanagement:Backend", "gateway-backend").Str("url"), "https://")
	if policy := l.logical("azure-native:apimanagement:Policy", "gateway-policy"); !over || !strings.Contains(policy.Str("value"), `backend-id="ingress"`) {
		return arrival{}, "backend by TLS"
	}
	record := l.logical("azure-native:network:PrivateRecordSet", "gateway-origin-record")
	addresses := listed(record.Value("aRecords"))
	if record.Str("privateZoneName") != host || len(addresses) != 1 {
		return arrival{}, "address of " + host
	}
	from := l.firstSubnet("azure-native:network:Subnet", "addressPrefix", "network-public")
	return arrival{address: fmt.Sprint(addresses[0]["ipv4Address"]), from: from}, ""
}

// arrivesOnGCP walks from the document of an audience's API, by the name that it leads to and the account that it works as.
func (l *links) arrivesOnGCP(audience string, r catalog.Route) (arrival, string) {
	api := l.logical("gcp:apigateway/apiConfig:ApiConfig", "gateway-"+audience+"-config")
	documents := listed(api.Value("openapiDocuments"))
	if len(documents) != 1 {
		return arrival{}, "document of the API of " + audience
	}
	document, _ := documents[0]["document"].(map[string]any)
	text, err := base64.StdEncoding.DecodeString(fmt.Sprint(document["contents"]))
	if err != nil || !strings.Contains(string(text), `"`+r.Path+`"`) {
		return arrival{}, "path " + r.Path + " of the API of " + audience
	}
	value := func(key string) string {
		_, rest, _ := strings.Cut(string(text), `"`+key+`":"`)
		found, _, _ := strings.Cut(rest, `"`)
		return found
	}
	account := l.public("gcp:serviceaccount/account:Account", "email", api.Str("gatewayConfig.backendConfig.googleServiceAccount"))
	host, over := strings.CutPrefix(value("address"), "https://")
	if !over || account.Str("uniqueId") == "" || value("jwt_audience") == "" {
		return arrival{}, "account of the door of " + audience
	}
	return arrival{
		host: host, from: netip.MustParseAddr(somewhere),
		token: &mesh.Token{Issuer: "https://accounts.google.com", Subject: account.Str("uniqueId"), Audience: value("jwt_audience")},
	}, ""
}

// ingressIsMissed takes single links of the way behind the doors away, and wants the walk to miss each.
func ingressIsMissed(t *testing.T, s config.Settings, l *links) {
	t.Helper()
	const in = workload.Ingress + "/" + workload.Ingress
	change := func(typ string, path []string, to any) []*cloud.Object {
		out := slices.Clone(l.all)
		for i, o := range out {
			if o.Type == typ && o.PublicID() == in {
				changed := *o
				changed.Inputs, changed.Outputs = set(o.Inputs, path, to), set(o.Outputs, path, to)
				out[i] = &changed
			}
		}
		return out
	}
	without := func(typ string) []*cloud.Object {
		return slices.DeleteFunc(slices.Clone(l.all), func(o *cloud.Object) bool { return o.Type == typ && o.PublicID() == in })
	}
	const routes = "kubernetes:networking.istio.io/v1:VirtualService"
	var others []any
	for _, o := range l.all {
		if o.Type == routes && o.PublicID() == in {
			for _, each := range listed(o.Value("spec.http")) {
				if each["name"] != "payments-payments" {
					others = append(others, each)
				}
			}
		}
	}
	planted := map[string]struct {
		objects []*cloud.Object
		want    string
	}{
		"the Service is missing":     {without(serviceType), "one Service of the ingress: 0"},
		"the Service selects others": {change(serviceType, []string{"spec", "selector"}, map[string]any{"app": "x"}), "pods behind " + in},
		"nothing runs":               {without("kubernetes:apps/v1:Deployment"), "pods of the ingress that run: 0"},
		"a route is missing":         {change(routes, []string{"spec", "http"}, others), "route of /payments for"},
		"all routes are missing":     {without(routes), "route of /payments for"},
		"nobody serves":              {without("kubernetes:networking.istio.io/v1:Gateway"), "server of TLS at port 8443"},
		"nobody may come":            {without(accessType), "admission of "},
		"anybody may come":           {change(accessType, []string{"spec", "rules"}, []any{map[string]any{}}), "refusal of who comes "},
		"another port of the pods":   {change(serviceType, []string{"spec", "ports"}, []any{map[string]any{"port": 443.0, "targetPort": 8080.0}}), "port of the ingress: "},
	}
	type mistake = struct {
		objects []*cloud.Object
		want    string
	}
	switch s.Cloud {
	case "aws":
		planted["another port of the nodes"] = mistake{
			change(serviceType, []string{"spec", "ports"}, []any{map[string]any{"port": 443.0, "targetPort": float64(ingressPort), "nodePort": 30044.0}}), "port 30043 of the nodes",
		}
	case "gcp":
		planted["tokens are not looked at"] = mistake{without("kubernetes:security.istio.io/v1:RequestAuthentication"), "admission of "}
		planted["no name is asked for"] = mistake{change(serviceType, []string{"metadata", "annotations"}, map[string]any{"a": "b"}), "name "}
	}
	for name, p := range planted {
		broken := &links{p.objects, podsOf(t, p.objects), l.text}
		found := false
		for _, fault := range broken.missing(s) {
			found = found || strings.HasPrefix(fault, "payments: no way through the door of ") && strings.Contains(fault, ": "+p.want)
		}
		if !found {
			t.Errorf("%s, and it is not missed: %s", name, p.want)
		}
	}
}
