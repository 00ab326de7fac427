// Package forge speaks with the forge where the repository is, by GitHub's REST API (https://docs.github.com/rest).
package forge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"platform/stacks/lifecycle/given"
)

// Public is where GitHub's own API is.
const Public = "https://api.github.com"

// version is of the API (https://docs.github.com/rest/about-the-rest-api/api-versions).
const version = "2022-11-28"

// largest is how much of an answer is read.
const largest = 16 << 20

// Forge is a repository on a forge.
type Forge struct {
	base       *url.URL
	repository string
	token      string
	client     *http.Client
}

var repository = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$`)

// New checks where the repository is, and every fault at once. The token is shown to no other host.
func New(api, repo, token string) (*Forge, error) {
	var faults []error
	base, err := url.Parse(strings.TrimSuffix(api, "/"))
	switch {
	case err != nil:
		faults = append(faults, fmt.Errorf("the API's address %q: an address such as %s is allowed", api, Public))
	case base.User != nil || base.Host == "" || base.RawQuery != "" || base.Fragment != "":
		faults = append(faults, fmt.Errorf("the API's address %q: https://host[:port][/path] is allowed", base.Redacted()))
	case base.Scheme != "https" && (base.Scheme != "http" || !given.Loopback(base.Hostname())):
		faults = append(faults, fmt.Errorf("the API's address %q: https is allowed, and http only to this machine", api))
	}
	if !repository.MatchString(repo) {
		faults = append(faults, fmt.Errorf("the repository %q: owner/name is allowed", repo))
	}
	switch token = strings.TrimSpace(token); {
	case token == "":
		faults = append(faults, errors.New("GITHUB_TOKEN: missing: a token that may write to pull requests is allowed"))
	case strings.ContainsAny(token, " \t\r\n"):
		faults = append(faults, errors.New("GITHUB_TOKEN: one token without spaces is allowed"))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return &Forge{base, repo, token, &http.Client{
		Timeout: time.Minute,
		CheckRedirect: func(to *http.Request, _ []*http.Request) error {
			return fmt.Errorf("it leads to %s: give the address that answers itself", to.URL.Redacted())
		},
	}}, nil
}

// Do asks for a path below the repository, and reads the answer; it returns the address of the next page, if there is one.
func (f *Forge) Do(ctx context.Context, method, path string, body, into any) (next string, err error) {
	address := path
	if !strings.Contains(path, "://") {
		address = f.base.String() + "/repos/" + f.repository + path
	}
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return "", err
		}
		content = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, method, address, content)
	if err != nil {
		return "", err
	}
	if request.URL.Host != f.base.Host || request.URL.Scheme != f.base.Scheme {
		return "", fmt.Errorf("the forge's answer leads to %s, which is another host", request.URL.Redacted())
	}
	request.Header.Set("Accept", "application/vnd.github+json")
	request.Header.Set("Authorization", "Bearer "+f.token)
	request.Header.Set("X-GitHub-Api-Version", version)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := f.client.Do(request)
	if err != nil {
		return "", fmt.Errorf("ask the forge: %w", err)
	}
	raw, err := io.ReadAll(io.LimitReader(response.Body, largest))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return "", fmt.Errorf("%s %s: %w", method, request.URL.Path, err)
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return "", fmt.Errorf("%s %s: %s%s", method, request.URL.Path, response.Status, hint(response, raw))
	}
	if into != nil {
		if err := json.Unmarshal(raw, into); err != nil {
			return "", fmt.Errorf("%s %s: no JSON of this API: %w", method, request.URL.Path, err)
		}
	}
	return nextPage(response.Header.Get("Link")), nil
}

// nextPage reads the header by which lists are continued
// (https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api#using-link-headers).
func nextPage(link string) string {
	for _, part := range strings.Split(link, ",") {
		address, rest, ok := strings.Cut(strings.TrimSpace(part), ">")
		if ok && strings.HasPrefix(address, "<") && strings.Contains(rest, `rel="next"`) {
			return address[1:]
		}
	}
	return ""
}

func hint(r *http.Response, body []byte) string {
	var said struct{ Message string }
	text := ""
	if json.Unmarshal(body, &said) == nil && said.Message != "" {
		text = ": " + said.Message
	}
	switch {
	case r.Header.Get("X-RateLimit-Remaining") == "0" || r.Header.Get("Retry-After") != "":
		text += " (the forge asks to wait: run this again later)"
	case r.StatusCode == http.StatusUnauthorized || r.StatusCode == http.StatusForbidden:
		text += " (a token that may write to pull requests is allowed; those of pull requests from forks may only read)"
	}
	return text
}
