package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func ask(t *testing.T, h http.Handler, method, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w.Code, strings.TrimSpace(w.Body.String())
}

func TestAServiceTellsWhatItWasTold(t *testing.T) {
	s := newServer(toldBy([]string{
		"ENVIRONMENT=dev", "CLOUD=c", "REGION=r", "IDENTITY=me", "QUEUE_ORDER_PLACED_URL=https://queue", "TOPIC_ORDER_SHIPPED=topic",
		"SERVICE_LEDGER_URL=http://ledger", "DATABASE_HOST=db", "DATABASE_PORT=5432", "DATABASE_NAME=app", "DATABASE_USER=u",
		"DOCUMENTS_TABLE=t", "SECRET_CARD_KEY=hidden", "PATH=/bin", "QUEUE__URL=nobody's", "OTHER_URL=nobody's",
		"OTEL_EXPORTER_OTLP_ENDPOINT=http://collector", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "OTEL_SERVICE_NAME=orders", "OTEL_RESOURCE_ATTRIBUTES=team=a%20b,x=y",
	}))
	code, body := ask(t, s.callers(), http.MethodGet, "/orders/7")
	const want = `{"environment":"dev","cloud":"c","region":"r","identity":"me","queues":{"order-placed":"https://queue"},` +
		`"topics":{"order-shipped":"topic"},"services":{"ledger":"http://ledger"},` +
		`"database":{"host":"db","port":"5432","name":"app","user":"u"},"documents":"t","secrets":{"card-key":true},` +
		`"telemetry":{"endpoint":"http://collector","protocol":"grpc","service":"orders","attributes":{"team":"a b","x":"y"}}}`
	if code != http.StatusOK || body != want {
		t.Errorf("got %d %s\nwant %s", code, body, want)
	}
	for _, test := range []struct {
		handler      http.Handler
		method, path string
		code         int
		body         string
	}{
		{s.callers(), http.MethodGet, "/healthz", http.StatusOK, "alive"},
		{s.callers(), http.MethodGet, "/readyz", http.StatusOK, "ready"},
		{s.callers(), http.MethodPost, "/", http.StatusMethodNotAllowed, "Method Not Allowed"},
		{s.metrics(), http.MethodGet, "/metrics", http.StatusOK, "http_requests_total 1"},
		{s.metrics(), http.MethodGet, "/", http.StatusNotFound, "404 page not found"},
	} {
		if code, body := ask(t, test.handler, test.method, test.path); code != test.code || !strings.HasSuffix(body, test.body) {
			t.Errorf("%s %s: got %d %q, want %d %q", test.method, test.path, code, body, test.code, test.body)
		}
	}
}

func TestAServiceIsNotReadyWhileSomethingIsMissing(t *testing.T) {
	for _, test := range []struct {
		reason      string
		environment []string
		want        string
	}{
		{"nothing is told", nil, "missing: environment, identity"},
		{"a database without its host", []string{"ENVIRONMENT=dev", "IDENTITY=me", "DATABASE_PORT=5432", "DATABASE_NAME=a", "DATABASE_USER=u"}, "missing: database host"},
		{"an empty address and an empty secret", []string{"ENVIRONMENT=dev", "IDENTITY=me", "QUEUE_PAID_URL=", "SECRET_KEY="}, "missing: address of paid, secret key"},
		{
			"telemetry without where it goes", []string{"ENVIRONMENT=dev", "IDENTITY=me", "OTEL_SERVICE_NAME=a", "OTEL_RESOURCE_ATTRIBUTES=team="},
			"missing: attribute team of telemetry, endpoint of telemetry, protocol of telemetry",
		},
	} {
		code, body := ask(t, newServer(toldBy(test.environment)).callers(), http.MethodGet, "/readyz")
		if code != http.StatusServiceUnavailable || body != test.want {
			t.Errorf("%s: got %d %q, want %q", test.reason, code, body, test.want)
		}
	}
}
