package kubernetes

import (
	"errors"
	"fmt"
	"hash/fnv"
	"reflect"
	"strconv"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

const (
	serviceType = "kubernetes:core/v1:Service"
	ingressType = "kubernetes:networking.k8s.io/v1:Ingress"
)

// exposures lets the cloud's controllers take up Services and Ingresses.
func (w *world) exposures() error {
	for _, o := range w.list(serviceType, ingressType) {
		if o.Str("finalizer") != "" || o.Bool("terminating") || !exposed(o) {
			continue
		}
		if err := w.expose(w.t.Get(o.Type, o.ID)); err != nil {
			return err
		}
	}
	return nil
}

func exposed(o *cloud.Object) bool {
	return o.Type == ingressType || o.Str("spec.type") == "LoadBalancer"
}

func (w *world) expose(o *cloud.Object) error {
	made, err := w.by.Expose(w.t, w.c, w.exposure(o))
	var pending controller.Pending
	switch {
	case errors.Is(err, controller.ErrNotMine) && o.Type == ingressType:
		return nil // of another class: what runs in the cluster serves it, without the cloud
	case errors.Is(err, controller.ErrNotMine):
		wait(o, "no controller makes a load balancer of its class")
		return nil
	case errors.As(err, &pending):
		wait(o, pending.Error())
		return nil
	case err != nil:
		return err
	}
	wait(o, "")
	entry := map[string]any{}
	if made.Hostname != "" {
		entry["hostname"] = made.Hostname
	}
	if made.IP != "" {
		entry["ip"] = made.IP
	}
	o.Props["finalizer"] = made.Finalizer
	o.Props["status"] = map[string]any{"loadBalancer": map[string]any{"ingress": []any{entry}}}
	if o.URN != "" {
		show(o)
	}
	return nil
}

// follow lets a controller follow a change of what it exposes: it is made anew. If the controller is gone,
// nothing happens until it is back.
func (w *world) follow(o *cloud.Object, was controller.Exposed) error {
	finalizer := o.Str("finalizer")
	if finalizer == "" || exposed(o) && reflect.DeepEqual(was, w.exposure(o)) || !w.by.Finalizes(w.t, w.c, finalizer) {
		return nil
	}
	return w.withdraw(o)
}

func (w *world) withdraw(o *cloud.Object) error {
	if err := w.by.Withdraw(w.t, w.c, w.exposure(o)); err != nil {
		return err
	}
	delete(o.Props, "finalizer")
	delete(o.Props, "status")
	show(o)
	return nil
}

func (w *world) exposure(o *cloud.Object) controller.Exposed {
	_, kind := version(o.Type)
	e := controller.Exposed{
		Key: o.Key(), Kind: kind, Namespace: o.Str("namespace"), Name: nameOf(o), UID: o.Str("uid"),
		Annotations: texts(dig(o.Inputs, "metadata", "annotations")),
	}
	if kind == "Ingress" {
		e.Class = o.Str("spec.ingressClassName")
		e.TLS = len(list(o.Value("spec.tls"))) > 0
		e.Ports = w.backends(o)
		return e
	}
	e.Class, e.SourceRanges = o.Str("spec.loadBalancerClass"), o.List("spec.loadBalancerSourceRanges")
	e.Ports = ports(o)
	return e
}

func ports(service *cloud.Object) []controller.Port {
	var out []controller.Port
	for _, p := range list(service.Value("spec.ports")) {
		number, _ := p["port"].(float64)
		out = append(out, controller.Port{
			Service: nameOf(service), Port: strconv.Itoa(int(number)), NodePort: nodePort(service, p), Protocol: protocol(p),
		})
	}
	return out
}

func protocol(port map[string]any) string {
	if s := text(port["protocol"]); s != "" {
		return s
	}
	return "TCP"
}

// nodePort is the port that was asked for or, as the API server would take a free one, one of its range
// (https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport) that is the same when
// the Service is built again. A Service without node ports has 0.
func nodePort(service *cloud.Object, port map[string]any) int {
	if n, ok := port["nodePort"].(float64); ok {
		return int(n)
	}
	typ := service.Str("spec.type")
	if typ != "NodePort" && (typ != "LoadBalancer" || service.Value("spec.allocateLoadBalancerNodePorts") == false) {
		return 0
	}
	const first, count = firstGivenPort, lastNodePort - firstGivenPort + 1
	h := fnv.New32a()
	fmt.Fprintf(h, "%s %v %v", service.PublicID(), port["port"], port["protocol"])
	return first + int(h.Sum32()%count)
}

// backends are the Services' ports to which an Ingress leads, each once.
func (w *world) backends(o *cloud.Object) []controller.Port {
	var out []controller.Port
	seen := map[string]bool{}
	add := func(backend any) {
		name, port := text(dig(backend, "service", "name")), dig(backend, "service", "port", "number")
		if port == nil {
			port = dig(backend, "service", "port", "name")
		}
		wanted := controller.Port{Service: name, Port: fmt.Sprint(port), Protocol: "TCP"}
		if name == "" || seen[wanted.Service+":"+wanted.Port] {
			return
		}
		seen[wanted.Service+":"+wanted.Port] = true
		k := w.key(serviceType, o.Str("namespace"), name)
		if service := w.t.Get(k.Type, k.ID); service != nil {
			for _, p := range list(service.Value("spec.ports")) {
				if fmt.Sprint(p["port"]) == wanted.Port || p["name"] == wanted.Port {
					wanted.NodePort = nodePort(service, p)
				}
			}
		}
		out = append(out, wanted)
	}
	add(o.Value("spec.defaultBackend"))
	for _, rule := range list(o.Value("spec.rules")) {
		for _, path := range list(dig(rule, "http", "paths")) {
			add(path["backend"])
		}
	}
	return out
}
