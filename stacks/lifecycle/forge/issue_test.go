package forge

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

// tracker answers as the API does for the issues of a repository, pull requests among them.
type tracker struct {
	issues []map[string]any
	writes []string
	server *httptest.Server
}

func track(t *testing.T, issues ...map[string]any) (*tracker, *Forge) {
	t.Helper()
	r := &tracker{}
	for i, one := range issues {
		one["number"], one["html_url"] = i+1, fmt.Sprintf("https://example.com/issues/%d", i+1)
		r.issues = append(r.issues, one)
	}
	r.server = httptest.NewServer(r)
	t.Cleanup(r.server.Close)
	f, err := New(r.server.URL, "acme/platform", token)
	if err != nil {
		t.Fatal(err)
	}
	return r, f
}

func (r *tracker) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	const list = "/repos/acme/platform/issues"
	asked := map[string]any{}
	if q.Method != http.MethodGet {
		r.writes = append(r.writes, q.Method+" "+q.URL.Path)
		_ = json.NewDecoder(q.Body).Decode(&asked)
		if body, _ := asked["body"].(string); len([]rune(body)) > 65536 {
			http.Error(w, `{"message":"Validation Failed: body is too long (maximum is 65536 characters)"}`, http.StatusUnprocessableEntity)
			return
		}
	}
	switch number, one := strings.CutPrefix(q.URL.Path, list+"/"); {
	case q.Method == http.MethodGet && q.URL.Path == list && q.URL.Query().Get("state") == "open":
		var open []map[string]any
		for _, i := range r.issues {
			if i["state"] != "closed" {
				open = append(open, i)
			}
		}
		size, _ := strconv.Atoi(q.URL.Query().Get("per_page"))
		page, _ := strconv.Atoi(q.URL.Query().Get("page"))
		from := min(max(page-1, 0)*size, len(open))
		to := min(from+size, len(open))
		if to < len(open) {
			w.Header().Set("Link", fmt.Sprintf(`<%s%s?state=open&per_page=%d&page=%d>; rel="next"`, r.server.URL, list, size, max(page, 1)+1))
		}
		_ = json.NewEncoder(w).Encode(open[from:to])
	case q.Method == http.MethodPost && q.URL.Path == list:
		asked["number"], asked["html_url"] = len(r.issues)+1, fmt.Sprintf("https://example.com/issues/%d", len(r.issues)+1)
		r.issues = append(r.issues, asked)
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(asked)
	case q.Method == http.MethodPatch && one:
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > len(r.issues) {
			http.NotFound(w, q)
			return
		}
		for key, value := range asked {
			r.issues[n-1][key] = value
		}
		_ = json.NewEncoder(w).Encode(r.issues[n-1])
	default:
		http.Error(w, `{"message":"Not Found"}`, http.StatusNotFound)
	}
}

func TestThereIsOneIssue(t *testing.T) {
	ctx := context.Background()
	var others []map[string]any
	for i := range 150 {
		others = append(others, map[string]any{"title": fmt.Sprint(i), "body": "something else, which quotes " + marker})
	}
	others = append(others, map[string]any{"title": "a pull request", "body": marker, "pull_request": map[string]any{}})
	r, f := track(t, others...)
	if at, err := f.CloseIssue(ctx, marker, "nothing differs"); err != nil || at != "" || len(r.writes) != 0 {
		t.Errorf("closed %q of none (%v), with %v", at, err, r.writes)
	}
	for _, body := range []string{"one differs", "two differ", "two differ"} {
		if at, err := f.Issue(ctx, marker, "drift", body); err != nil || at != "https://example.com/issues/152" {
			t.Fatalf("told in %q (%v)", at, err)
		}
	}
	if want := "[POST /repos/acme/platform/issues PATCH /repos/acme/platform/issues/152]"; fmt.Sprint(r.writes) != want {
		t.Errorf("wrote %v, want %s: the same is not written twice", r.writes, want)
	}
	if got := r.issues[151]["body"]; got != marker+"\ntwo differ" {
		t.Errorf("the body is %q", got)
	}
	if _, err := f.Issue(ctx, marker, "drift", strings.Repeat("é", 70000)); err != nil {
		t.Errorf("a long body: %v", err)
	}
	if got, _ := r.issues[151]["body"].(string); !strings.HasPrefix(got, marker) || !strings.Contains(got, "The rest is left out") {
		t.Error("a long body is not cut with a word about it")
	}
	if at, err := f.CloseIssue(ctx, marker, "nothing differs"); err != nil || at == "" || r.issues[151]["state"] != "closed" {
		t.Errorf("closed %q (%v): %v", at, err, r.issues[151]["state"])
	}
	if at, err := f.Issue(ctx, marker, "drift", "again"); err != nil || at != "https://example.com/issues/153" {
		t.Errorf("after it was closed told in %q (%v)", at, err)
	}
}
