package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
)

// server answers callers.
type server struct {
	told     told
	answered atomic.Int64
}

func newServer(t told) *server { return &server{told: t} }

// callers are answered at every path but those of the probes: the gateway leads each service its own.
func (s *server) callers() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "alive") })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.HandleFunc("GET /", s.tell)
	return mux
}

// ready says what is missing, so that no caller comes to a service that could not serve him.
func (s *server) ready(w http.ResponseWriter, _ *http.Request) {
	if missing := s.told.missing(); len(missing) > 0 {
		slices.Sort(missing)
		http.Error(w, "missing: "+strings.Join(missing, ", "), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}

func (s *server) tell(w http.ResponseWriter, _ *http.Request) {
	s.answered.Add(1)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(s.told) // the caller may have gone
}

// metrics are told in the format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/).
func (s *server) metrics() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		fmt.Fprintf(w, "# HELP http_requests_total Requests of callers that were answered.\n# TYPE http_requests_total counter\nhttp_requests_total %d\n", s.answered.Load())
	})
	return mux
}
