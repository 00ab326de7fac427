// Command service is a small service of a team: it knows nothing but what its pod is told, and tells it to whoever asks.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// The ports that are agreed on (components/kubernetes/workload).
const (
	port        = ":8080"
	metricsPort = ":9090"
)

// grace is how long requests may take to end once the pod is told to: less than Kubernetes waits before it kills
// (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination).
const grace = 20 * time.Second

func main() {
	listen := flag.String("listen", port, "where callers are answered")
	metrics := flag.String("metrics", metricsPort, "where metrics are told")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *listen, *metrics); err != nil {
		fmt.Fprintln(os.Stderr, "service: "+err.Error())
		os.Exit(1)
	}
}

// run serves until the context ends, and then lets requests end. It prints where it listens.
func run(ctx context.Context, listen, metrics string) error {
	s := newServer(toldBy(os.Environ()))
	failed := make(chan error, 2)
	var servers []*http.Server
	for _, each := range []struct {
		what, at string
		handler  http.Handler
	}{{"callers", listen, s.callers()}, {"metrics", metrics, s.metrics()}} {
		listener, err := net.Listen("tcp", each.at)
		if err != nil {
			return err
		}
		fmt.Printf("%s at %s\n", each.what, listener.Addr())
		server := &http.Server{Handler: each.handler, ReadHeaderTimeout: 5 * time.Second}
		servers = append(servers, server)
		go func() { failed <- server.Serve(listener) }()
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	var faults []error
	for _, server := range servers {
		faults = append(faults, server.Shutdown(ending))
	}
	return errors.Join(faults...)
}
