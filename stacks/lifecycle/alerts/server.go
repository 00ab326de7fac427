package alerts

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"platform/stacks/lifecycle/given"
)

// server is where a Prometheus or an Alertmanager answers, as it was asked for.
type server struct{ flag, url, tokenFile, variable string }

// largestAnswer is more than a day of a large environment, and less than the machine's memory.
const largestAnswer = 1 << 30

// authorities reads who signs for the servers. There are none to read if the machine knows them.
func authorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--ca-file: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("--ca-file: value %q: a file of certificates in PEM is allowed", file)
	}
	return roots, nil
}

// connection is a server that may be asked.
type connection struct {
	flag   string
	base   *url.URL
	client *http.Client
}

// connect tells all that is wrong with how the server was asked for.
func (s server) connect(lookup func(string) (string, bool), roots *x509.CertPool) (*connection, error) {
	var faults []error
	fault := func(flag, value, allowed string) {
		faults = append(faults, fmt.Errorf("--%s: value %q: %s", flag, value, allowed))
	}
	base, err := url.Parse(s.url)
	switch {
	case err != nil:
		// What cannot be read may hold a password, so it is not repeated.
		faults = append(faults, fmt.Errorf("--%s: not a URL: https://host[:port][/path] is allowed", s.flag))
		base = &url.URL{}
	case base.User != nil:
		fault(s.flag, base.Redacted(), "a URL without a password is allowed: give a token by --"+s.flag+"-token-file or "+s.variable)
	case base.Host == "" || base.RawQuery != "" || base.Fragment != "":
		fault(s.flag, s.url, "https://host[:port][/path] is allowed")
	case base.Scheme != "https" && (base.Scheme != "http" || !given.Loopback(base.Hostname())):
		fault(s.flag, s.url, "https is allowed, and http only to this machine (kubectl port-forward)")
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	token, _ := lookup(s.variable)
	if s.tokenFile != "" {
		raw, err := os.ReadFile(s.tokenFile)
		if err != nil {
			faults = append(faults, fmt.Errorf("--%s-token-file: %w", s.flag, err))
		}
		token = string(raw)
	}
	if token = strings.TrimSpace(token); strings.ContainsAny(token, " \t\r\n") {
		faults = append(faults, fmt.Errorf("--%s-token-file or %s: one token without spaces is allowed", s.flag, s.variable))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return &connection{s.flag, base, &http.Client{
		Transport: bearer{transport, token},
		// A token is for whom it was given, and an address to log in at is no answer.
		CheckRedirect: func(to *http.Request, _ []*http.Request) error {
			return fmt.Errorf("it leads to %s: give the address that answers itself, and a token if it asks for one", to.URL.Redacted())
		},
	}}, nil
}

// bearer sends the token with each request.
type bearer struct {
	next  http.RoundTripper
	token string
}

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	if b.token != "" {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+b.token)
	}
	return b.next.RoundTrip(r)
}

// statusError is an answer that is none.
type statusError struct {
	status  int
	message string
}

func (e statusError) Error() string { return e.message }

// get reads JSON from a path of the server.
func (c *connection) get(ctx context.Context, path string, query url.Values, into any) error {
	at := c.base.JoinPath(path)
	at.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return err
	}
	response, err := c.client.Do(request)
	if err != nil {
		return fmt.Errorf("--%s: %w", c.flag, err)
	}
	raw, err := io.ReadAll(io.LimitReader(response.Body, largestAnswer))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return fmt.Errorf("--%s: GET %s: %w", c.flag, path, err)
	}
	if response.StatusCode != http.StatusOK {
		return statusError{response.StatusCode, fmt.Sprintf("--%s: GET %s: %s%s", c.flag, path, response.Status, hint(response.StatusCode, raw))}
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("--%s: GET %s: no JSON of this API: %w", c.flag, path, err)
	}
	return nil
}

func hint(status int, body []byte) string {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return ": a token that may read is allowed"
	case http.StatusNotFound:
		return ": is this its address, and the path before its API in it?"
	}
	var said struct{ Error string }
	if json.Unmarshal(body, &said) != nil || said.Error == "" {
		return ""
	}
	return ": " + said.Error
}
