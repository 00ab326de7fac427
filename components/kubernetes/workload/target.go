package workload

// Target is where pods tell how they fare, in the form of Prometheus
// (https://prometheus.io/docs/instrumenting/exposition_formats/).
type Target struct {
	Namespace string
	Pods      map[string]string // the labels that they bear; all pods of the namespace without any
	Port      int
	Path      string // /metrics unless it is said
	Meshed    bool   // what is asked of them goes through the mesh's tunnel
}

// CoreDNS and KubeDNS are the two that resolve names in a cluster, under the same label
// (https://github.com/kubernetes/kubernetes/blob/master/cluster/addons/dns/coredns/coredns.yaml.base,
// .../kube-dns/kube-dns.yaml.in, whose container kubedns tells of all three).
var (
	CoreDNS = Target{Namespace: "kube-system", Pods: map[string]string{"k8s-app": "kube-dns"}, Port: 9153}
	KubeDNS = Target{Namespace: "kube-system", Pods: map[string]string{"k8s-app": "kube-dns"}, Port: 10055}
)
