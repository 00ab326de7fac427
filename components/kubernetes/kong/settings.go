package kong

import (
	"fmt"
	"maps"
	"slices"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
	"platform/components/kubernetes/workload"
)

// server is the last of which Kong publishes one of the open-source gateway; its maintainers keep 3.9 alive
// (https://github.com/docker-library/official-images/blob/master/library/kong, https://github.com/Kong/docker-kong/issues/738). The
// digest is that of the index of its platforms (https://github.com/docker-library/repo-info/blob/master/repos/kong/remote/3.9.3-ubuntu.md).
const server = "docker.io/library/kong:3.9.3-ubuntu@sha256:62721edc9669e2a96fe9d188ab8950b9105e69abb033129624a72d3e10da6777"

const (
	tlsPort    = 8443 // above those that only root may open
	statusPort = 8100
)

// Where things are in the pod. Nothing else can be written.
const (
	givenPath  = "/given"  // what the door is to know
	tlsPath    = "/tls"    // its certificate, and the key of it
	knownPath  = "/known"  // what it knows
	prefixPath = "/prefix" // what Kong writes
	tmpPath    = "/tmp"

	baseFile  = "kong.yml"
	keysFile  = "kong-with-keys.yml"
	trustFile = "authorities.pem"
)

// accessLog is what is kept of each request, as JSON: no header, query or token is among it
// (https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format).
const accessLog = `{"time":"$time_iso8601","requestId":"$kong_request_id","host":"$host","method":"$request_method","path":"$uri",` +
	`"status":"$status","source":"$remote_addr","bytes":"$bytes_sent","latency":"$request_time","backend":"$upstream_response_time",` +
	`"backendStatus":"$upstream_status","tls":"$ssl_protocol","client":"$ssl_client_s_dn"}`

// settings are Kong's own (https://github.com/Kong/kong/blob/3.9.3/kong.conf.default). Nobody administers a door: what it
// knows comes from its file, and the port by which one would ask is not open.
func settings(of gateway.Audience) map[string]string {
	out := map[string]string{
		"DATABASE": "off", "DECLARATIVE_CONFIG": knownPath + "/" + baseFile, "PREFIX": prefixPath,
		"ADMIN_LISTEN": "off", "ADMIN_GUI_LISTEN": "off", "ANONYMOUS_REPORTS": "off",
		"PROXY_LISTEN":  fmt.Sprintf("0.0.0.0:%d http2 ssl reuseport backlog=16384", tlsPort),
		"STATUS_LISTEN": fmt.Sprintf("0.0.0.0:%d", statusPort),
		"SSL_CERT":      tlsPath + "/tls.crt", "SSL_CERT_KEY": tlsPath + "/tls.key",
		"SSL_CIPHER_SUITE": "intermediate", "SSL_PROTOCOLS": "TLSv1.2 TLSv1.3",
		"PROXY_ACCESS_LOG": "/dev/stdout door", "PROXY_ERROR_LOG": "/dev/stderr", "STATUS_ACCESS_LOG": "off", "STATUS_ERROR_LOG": "/dev/stderr",
		"NGINX_HTTP_LOG_FORMAT": "door escape=json '" + accessLog + "'",
		// What the clouds' own gateways take (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html).
		"NGINX_HTTP_CLIENT_MAX_BODY_SIZE": "10m",
		"NGINX_WORKER_PROCESSES":          "2", "MEM_CACHE_SIZE": "32m",
		// Services' names have records of other ports too, which are not meant
		// (https://github.com/kubernetes/dns/blob/master/docs/specification.md).
		"DNS_ORDER": "LAST,A,CNAME",
		"HEADERS":   "off", "PLUGINS": "jwt,key-auth,post-function,prometheus,rate-limiting,request-transformer", "UNTRUSTED_LUA": "off",
	}
	switch of.Auth {
	case gateway.JWT:
		out["UNTRUSTED_LUA"], out["UNTRUSTED_LUA_SANDBOX_REQUIRES"] = "sandbox", parser
	case gateway.MutualTLS:
		// The open-source Kong has no plugin for certificates of clients, but its server asks for them: before Kong sees a
		// request, and for all of them (https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_verify_client, put into the
		// server's block by https://github.com/Kong/kong/blob/3.9.3/kong/templates/nginx_kong.lua).
		out["NGINX_PROXY_SSL_VERIFY_CLIENT"] = "on"
		out["NGINX_PROXY_SSL_CLIENT_CERTIFICATE"] = givenPath + "/" + trustFile
		out["NGINX_PROXY_SSL_VERIFY_DEPTH"] = "3"
	}
	return out
}

func environment(of gateway.Audience) corev1.EnvVarArray {
	all, out := settings(of), corev1.EnvVarArray{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out = append(out, corev1.EnvVarArgs{Name: pulumi.String("KONG_" + name), Value: pulumi.String(all[name])})
	}
	return out
}

// Targets are where the doors tell how they fare.
func Targets(mesh workload.MeshKind) map[string]workload.Target {
	return map[string]workload.Target{"kong": {Namespace: Namespace, Port: statusPort, Meshed: mesh != workload.NoMesh}}
}
