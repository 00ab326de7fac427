package ingress

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
	"platform/components/kubernetes/workload"
)

const routeVersion = "networking.istio.io/v1"

// The specs are what is set of each kind (https://istio.io/latest/docs/reference/config/networking/gateway/,
// .../virtual-service/, .../destination-rule/).
type (
	gatewaySpec struct {
		Selector map[string]string `json:"selector"`
		Servers  []server          `json:"servers"`
	}

	server struct {
		Port  serverPort `json:"port"`
		Hosts []string   `json:"hosts"`
		TLS   serverTLS  `json:"tls"`
	}

	serverPort struct {
		Number   int    `json:"number"`
		Name     string `json:"name"`
		Protocol string `json:"protocol"`
	}

	serverTLS struct {
		Mode        string `json:"mode"`
		Certificate string `json:"serverCertificate"`
		Key         string `json:"privateKey"`
		Oldest      string `json:"minProtocolVersion"`
	}

	routesSpec struct {
		Hosts    []string `json:"hosts"`
		Gateways []string `json:"gateways"`
		ExportTo []string `json:"exportTo"`
		HTTP     []route  `json:"http"`
	}

	route struct {
		Name    string        `json:"name"`
		Match   []match       `json:"match"`
		Route   []destination `json:"route"`
		Timeout string        `json:"timeout"`
		Retries retries       `json:"retries"`
	}

	match struct {
		URI     uri             `json:"uri"`
		Headers map[string]same `json:"headers"`
	}

	uri struct {
		Exact  string `json:"exact,omitempty"`
		Prefix string `json:"prefix,omitempty"`
	}

	same struct {
		Exact string `json:"exact"`
	}

	destination struct {
		To struct {
			Host string `json:"host"`
			Port struct {
				Number int `json:"number"`
			} `json:"port"`
		} `json:"destination"`
	}

	retries struct {
		Attempts int    `json:"attempts"`
		On       string `json:"retryOn"`
	}

	connectionsSpec struct {
		Host     string   `json:"host"`
		ExportTo []string `json:"exportTo"`
		Policy   struct {
			Pool struct {
				TCP struct {
					ConnectTimeout string `json:"connectTimeout"`
				} `json:"tcp"`
			} `json:"connectionPool"`
		} `json:"trafficPolicy"`
	}
)

// A service that does not take a connection within two seconds is not there; one that does not answer within thirty does not
// either, as behind the clouds' own gateways
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html). Only what no service has seen is tried
// again.
const (
	connectTimeout = "2s"
	answerTimeout  = "30s"
	triedAgain     = "connect-failure,refused-stream"
)

// own says that nobody else's objects may add to these, or see them.
const own = "."

// header is the audience's as the mesh's objects want it.
var header = strings.ToLower(gateway.AudienceHeader)

// routes are what the proxies know: where they take requests, where each leads, and nothing else. The doors hand on whatever host
// name their callers used, and not all of them name a host in their handshake, so that all of them are served, with one
// certificate. What leads where is said in this namespace alone.
func (p *place) routes(ctx *pulumi.Context) ([]pulumi.Resource, error) {
	var out []pulumi.Resource
	for _, each := range []struct {
		role, kind string
		spec       any
	}{
		{"gateway", "Gateway", p.gatewaySpec()}, {"connections", "DestinationRule", connectionsTo()}, {"routes", "VirtualService", p.routesSpec()},
	} {
		if each.kind == "VirtualService" && len(p.Doors.Routes) == 0 {
			continue // which must have one
		}
		made, err := p.object(ctx, each.role, routeVersion, each.kind, each.spec)
		if err != nil {
			return nil, err
		}
		out = append(out, made)
	}
	return out, nil
}

// gatewaySpec: the certificate is read as a file, and again when it is another. So the key goes from its Secret to the pods and
// to nobody else, and their account need not read secrets.
func (a Args) gatewaySpec() gatewaySpec {
	return gatewaySpec{Selector: Labels(), Servers: []server{{
		Port: serverPort{Number: tlsPort, Name: "https", Protocol: "HTTPS"}, Hosts: []string{own + "/*"},
		TLS: serverTLS{Mode: "SIMPLE", Certificate: tlsPath + "/tls.crt", Key: tlsPath + "/tls.key", Oldest: "TLSV1_2"},
	}}}
}

func connectionsTo() connectionsSpec {
	spec := connectionsSpec{Host: "*.svc." + clusterDomain, ExportTo: []string{own}}
	spec.Policy.Pool.TCP.ConnectTimeout = connectTimeout
	return spec
}

// routesSpec: a route is of the path itself and of what lies below it, and of no other that begins alike, for its audiences alone.
// Equal arguments give equal objects.
func (a Args) routesSpec() routesSpec {
	spec := routesSpec{Hosts: []string{"*"}, Gateways: []string{name}, ExportTo: []string{own}}
	for _, r := range a.sorted() {
		one := route{
			Name:    fmt.Sprintf("%s-%s", r.Service, strings.ReplaceAll(strings.Trim(r.Path, "/"), "/", "-")),
			Timeout: answerTimeout, Retries: retries{Attempts: 1, On: triedAgain}, Route: make([]destination, 1),
		}
		one.Route[0].To.Host = fmt.Sprintf("%s.%s.svc.%s", r.Service, r.Service, clusterDomain)
		one.Route[0].To.Port.Number = workload.Port
		for _, audience := range slices.Sorted(slices.Values(r.Audiences)) {
			of := map[string]same{header: {audience}}
			one.Match = append(one.Match, match{uri{Exact: r.Path}, of}, match{uri{Prefix: r.Path + "/"}, of})
		}
		spec.HTTP = append(spec.HTTP, one)
	}
	return spec
}

// sorted are the routes, each path once, with all of its audiences: of several with one path, which differ in their rates, the
// service is the same.
func (a Args) sorted() []gateway.Route {
	var out []gateway.Route
	for _, r := range a.Doors.Routes {
		i := slices.IndexFunc(out, func(o gateway.Route) bool { return o.Path == r.Path })
		if i < 0 {
			out = append(out, gateway.Route{Service: r.Service, Path: r.Path, Audiences: slices.Clone(r.Audiences)})
			continue
		}
		out[i].Audiences = append(out[i].Audiences, r.Audiences...)
	}
	slices.SortFunc(out, func(a, b gateway.Route) int { return cmp.Compare(a.Path, b.Path) })
	return out
}

// routed are the services to which it leads.
func (a Args) routed() []string {
	var out []string
	for _, r := range a.Doors.Routes {
		out = append(out, r.Service)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// pathsOf are the paths that the doors of an audience lead to.
func (a Args) pathsOf(audience string) []string {
	var out []string
	for _, r := range a.sorted() {
		if slices.Contains(r.Audiences, audience) {
			out = append(out, r.Path, r.Path+"/*")
		}
	}
	return out
}
