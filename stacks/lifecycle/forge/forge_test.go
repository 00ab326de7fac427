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

const token, marker, author = "a-token", "<!-- mark -->", "bot"

// repo answers as the API does for the comments of one pull request: by pages, in the order in which they were written.
type repo struct {
	t        *testing.T
	comments []comment
	calls    []string
	server   *httptest.Server
}

func serve(t *testing.T, others int) *repo {
	t.Helper()
	r := &repo{t: t}
	for i := range others {
		r.comments = append(r.comments, written(i+1, "somebody", fmt.Sprintf("comment %d", i)))
	}
	r.server = httptest.NewServer(r)
	t.Cleanup(r.server.Close)
	return r
}

func written(id int, login, body string) comment {
	c := comment{ID: int64(id), Body: body, URL: fmt.Sprintf("https://example.com/%d", id)}
	c.User.Login = login
	return c
}

func (r *repo) forge() *Forge {
	f, err := New(r.server.URL, "acme/platform", token)
	if err != nil {
		r.t.Fatal(err)
	}
	return f
}

func (r *repo) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	r.calls = append(r.calls, q.Method+" "+q.URL.Path+strings.TrimSuffix("?"+q.URL.RawQuery, "?"))
	if q.Header.Get("Authorization") != "Bearer "+token || q.Header.Get("X-GitHub-Api-Version") != version || q.Header.Get("Accept") != "application/vnd.github+json" {
		http.Error(w, `{"message":"Bad credentials"}`, http.StatusUnauthorized)
		return
	}
	var asked struct{ Body string }
	if q.Method != http.MethodGet {
		if err := json.NewDecoder(q.Body).Decode(&asked); err != nil {
			r.t.Error(err)
		}
		if len(asked.Body) > 65536 {
			http.Error(w, `{"message":"Validation Failed: body is too long (maximum is 65536 characters)"}`, http.StatusUnprocessableEntity)
			return
		}
	}
	const list, one = "/repos/acme/platform/issues/7/comments", "/repos/acme/platform/issues/comments/"
	switch id, found := strings.CutPrefix(q.URL.Path, one); {
	case q.Method == http.MethodGet && q.URL.Path == list:
		size, _ := strconv.Atoi(q.URL.Query().Get("per_page"))
		page, _ := strconv.Atoi(q.URL.Query().Get("page"))
		if size < 1 || size > 100 {
			size = 30
		}
		from := max(page-1, 0) * size
		to := min(from+size, len(r.comments))
		if to < len(r.comments) {
			w.Header().Set("Link", fmt.Sprintf(`<%s%s?per_page=%d&page=%d>; rel="next", <%s%s?per_page=%d&page=9>; rel="last"`,
				r.server.URL, list, size, max(page, 1)+1, r.server.URL, list, size))
		}
		_ = json.NewEncoder(w).Encode(r.comments[from:to])
	case q.Method == http.MethodPost && q.URL.Path == list:
		c := written(len(r.comments)+1, author, asked.Body)
		r.comments = append(r.comments, c)
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(c)
	case q.Method == http.MethodPatch && found:
		n, err := strconv.Atoi(id)
		if err != nil || n < 1 || n > len(r.comments) {
			http.NotFound(w, q)
			return
		}
		r.comments[n-1].Body = asked.Body
		_ = json.NewEncoder(w).Encode(r.comments[n-1])
	default:
		http.Error(w, `{"message":"Not Found"}`, http.StatusNotFound)
	}
}

// TestThereIsOneComment writes three times among 250 comments of others, some of which bear the mark.
func TestThereIsOneComment(t *testing.T) {
	r := serve(t, 250)
	r.comments[3].Body = marker + " of somebody else"
	ctx, f := context.Background(), r.forge()
	for i, body := range []string{marker + " first", marker + " second", marker + " second"} {
		at, err := f.Comment(ctx, 7, author, marker, body)
		if err != nil || at != "https://example.com/251" {
			t.Fatalf("comment %d is at %q, error %v", i, at, err)
		}
	}
	if n := len(r.comments); n != 251 || r.comments[250].Body != marker+" second" || r.comments[3].Body != marker+" of somebody else" {
		t.Errorf("%d comments, the last %q", n, r.comments[n-1].Body)
	}
	pages := []string{
		"GET /repos/acme/platform/issues/7/comments?per_page=100", "GET /repos/acme/platform/issues/7/comments?per_page=100&page=2",
		"GET /repos/acme/platform/issues/7/comments?per_page=100&page=3",
	}
	want := append(append([]string{}, pages...), "POST /repos/acme/platform/issues/7/comments")
	want = append(append(want, pages...), "PATCH /repos/acme/platform/issues/comments/251")
	want = append(want, pages...) // what is written already is not written again
	if got := strings.Join(r.calls, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("calls\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestWhatTheForgeRefusesIsTold(t *testing.T) {
	r := serve(t, 0)
	ctx := context.Background()
	if _, err := r.forge().Comment(ctx, 7, author, marker, marker+strings.Repeat("x", 65536)); err == nil || !strings.Contains(err.Error(), "422") || !strings.Contains(err.Error(), "body is too long") {
		t.Errorf("a comment that is too long: %v", err)
	}
	if _, err := r.forge().Comment(ctx, 8, author, marker, marker); err == nil || !strings.Contains(err.Error(), "404 Not Found: Not Found") {
		t.Errorf("another pull request: %v", err)
	}
	if _, err := r.forge().Comment(ctx, 7, author, marker, "no mark"); err == nil || len(r.comments) != 0 {
		t.Errorf("a comment without its mark: %v", err)
	}
	f := r.forge()
	f.token = "another"
	_, err := f.Comment(ctx, 7, author, marker, marker)
	if err == nil || !strings.Contains(err.Error(), "Bad credentials") || !strings.Contains(err.Error(), "forks may only read") || strings.Contains(err.Error(), "another") {
		t.Errorf("another token: %v", err)
	}
}

// TestTheTokenGoesToNoOtherHost: neither a next page nor a redirect leads it there.
func TestTheTokenGoesToNoOtherHost(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		t.Errorf("asked another host with %q", q.Header.Get("Authorization"))
	}))
	defer other.Close()
	for name, answer := range map[string]http.HandlerFunc{
		"a next page": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", `<`+other.URL+`/x>; rel="next"`)
			fmt.Fprint(w, "[]")
		},
		"a redirect": func(w http.ResponseWriter, q *http.Request) { http.Redirect(w, q, other.URL, http.StatusFound) },
	} {
		server := httptest.NewServer(answer)
		f, err := New(server.URL, "acme/platform", token)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Comment(context.Background(), 7, author, marker, marker); err == nil {
			t.Errorf("%s is followed", name)
		}
		server.Close()
	}
}

func TestWhereTheForgeIsIsChecked(t *testing.T) {
	for _, test := range []struct{ name, api, repository, token, want string }{
		{"plain http", "http://forge.example.com", "acme/platform", token, "https is allowed"},
		{"a password", "https://me:secret@forge.example.com", "acme/platform", token, "https://host[:port][/path] is allowed"},
		{"no repository", Public, "platform", token, `the repository "platform": owner/name is allowed`},
		{"a path in the repository", Public, "acme/platform/../other", token, "owner/name is allowed"},
		{"no token", Public, "acme/platform", " ", "GITHUB_TOKEN: missing"},
		{"two tokens", Public, "acme/platform", "a b", "one token without spaces"},
	} {
		_, err := New(test.api, test.repository, test.token)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
	if _, err := New("ftp://x", "", ""); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("three faults: %v", err)
	}
	if _, err := New("https://forge.example.com/api/v3/", "acme/platform.io", token); err != nil {
		t.Error(err)
	}
}
