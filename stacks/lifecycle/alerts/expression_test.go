package alerts

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
)

// parsing is a server that knows the trees that a Prometheus gave (tests/alerts records them), and refuses what is none of them.
func parsing(t *testing.T, answer func(w http.ResponseWriter, tree json.RawMessage)) *metrics {
	t.Helper()
	raw, err := os.ReadFile("testdata/trees.json")
	if err != nil {
		t.Fatal(err)
	}
	var trees map[string]json.RawMessage
	if err := json.Unmarshal(raw, &trees); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tree, known := trees[r.URL.Query().Get("query")]
		if r.URL.Path != "/api/v1/parse_query" || !known {
			http.Error(w, `{"status":"error","errorType":"bad_data","error":"parse error"}`, http.StatusBadRequest)
			return
		}
		answer(w, tree)
	}))
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &metrics{connection: &connection{"prometheus", base, server.Client()}}
}

func ok(w http.ResponseWriter, tree json.RawMessage) {
	_ = json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": tree})
}

func TestWhatARuleComparesWithWhichNumber(t *testing.T) {
	m := parsing(t, ok)
	for expression, test := range map[string]struct {
		want comparison
		why  string
	}{
		"max by (a) (x) > 600": {comparison{"max by (a) (x)", true, 600}, ""},
		"93600 < time() - y":   {comparison{"time() - y", true, 93600}, ""},
		"x / y < 14.4 * 0.001": {comparison{"x / y", false, 0.014400000000000001}, ""},
		"(x > 5)":              {comparison{"x", true, 5}, ""},
		"x > 3 > 5":            {comparison{"x > 3", true, 5}, ""},
		"-x > -1":              {comparison{"-x", true, -1}, ""},
		`1 < x{a=" < 2"}`:      {comparison{`x{a=" < 2"}`, true, 1}, ""},
		"x > 5 and y > 2":      {why: "it joins conditions by and: no single number decides"},
		"x == 0":               {why: "it asks whether things are equal, not how much there is"},
		"x > bool 1":           {why: "a comparison with bool has a value, and so fires, always"},
		"x > y":                {why: "it compares with what is measured too, not with a number"},
		"absent(x)":            {why: "it compares nothing with a number"},
		"x":                    {why: "it compares nothing with a number"},
		"x / y":                {why: "it compares nothing with a number"},
	} {
		got, why, err := m.compared(t.Context(), expression)
		if err != nil || why != test.why || got != test.want {
			t.Errorf("%s: %+v, %q, %v; want %+v, %q", expression, got, why, err, test.want, test.why)
		}
	}
}

func TestAServerThatParsesNothing(t *testing.T) {
	m := parsing(t, func(w http.ResponseWriter, _ json.RawMessage) { http.NotFound(w, nil) })
	_, why, err := m.compared(t.Context(), "x > 5")
	if err != nil || !strings.HasPrefix(why, "this server tells no trees") {
		t.Errorf("%q, %v", why, err)
	}
	m = parsing(t, func(w http.ResponseWriter, _ json.RawMessage) {
		_, _ = w.Write([]byte(`{"status":"success","data":{"kind":"another tree"}}`))
	})
	if _, why, err = m.compared(t.Context(), "x > 5"); err != nil || why != "it compares nothing with a number" {
		t.Errorf("another form of tree: %q, %v", why, err)
	}
	m = parsing(t, func(w http.ResponseWriter, _ json.RawMessage) {
		http.Error(w, `{"error":"no"}`, http.StatusInternalServerError)
	})
	if _, _, err = m.compared(t.Context(), "x > 5"); err == nil || !strings.Contains(err.Error(), "--prometheus: GET /api/v1/parse_query: 500 Internal Server Error: no") {
		t.Errorf("a server that fails: %v", err)
	}
}
