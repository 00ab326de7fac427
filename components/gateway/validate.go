package gateway

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"platform/components/limit"
	"platform/components/naming"
)

// maxHost is the longest name that a certificate authority takes as a certificate's first name
// (https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html).
const maxHost = 64

var (
	domainName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)
	pathPrefix = regexp.MustCompile(`^(/[a-z0-9]+(-[a-z0-9]+)*)+$`)
)

// Auths lists the ways to prove who one is in the order in which messages name them.
var Auths = []Auth{JWT, MutualTLS, Key}

// Kinds lists what doors can be made of in the order in which messages name them.
var Kinds = []Kind{Managed, Kong}

// LogsElsewhere is why doors in the cluster have no days of logs, in the words of messages.
const LogsElsewhere = "these doors log to their pods' output, and whoever collects that says how long it is kept"

// faults collects what is wrong, each with its path, its value and what is allowed.
type faults []error

func (f *faults) add(path string, value any, allowed string, args ...any) {
	*f = append(*f, fmt.Errorf("%s: value %q: %s", path, fmt.Sprint(value), fmt.Sprintf(allowed, args...)))
}

func (f *faults) within(path string, value int, in limit.Range) {
	if err := in.Fault(path, value); err != nil {
		*f = append(*f, err)
	}
}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate(offer Offer) error {
	var f faults
	if !domainName.MatchString(a.Domain) {
		f.add("domain", a.Domain, "a lower-case domain name such as dev.example.com is allowed")
	}
	if a.Label != "" && !naming.IsKebab(a.Label) {
		f.add("label", a.Label, naming.Kebab)
	}
	if a.Zone == "" {
		f.add("zone", a.Zone, "the id of the zone of %q must be set", a.Domain)
	}
	if offer.Certificate && a.Certificate == "" {
		f.add("certificate", "", "where a certificate of every door is kept must be set: this cloud issues none for them")
	}
	if !offer.Certificate && a.Certificate != "" {
		f.add("certificate", a.Certificate, "nothing is allowed: this cloud issues the doors' certificates itself")
	}
	if !offer.LogsElsewhere && a.LogDays < 1 {
		f.add("logDays", a.LogDays, "at least 1 is allowed")
	}
	if offer.LogsElsewhere && a.LogDays != 0 {
		f.add("logDays", a.LogDays, "nothing is allowed: %s", LogsElsewhere)
	}
	if len(a.Audiences) == 0 {
		f.add("audiences", "", "at least one audience must be set")
	}
	for _, name := range slices.Sorted(maps.Keys(a.Audiences)) {
		a.validateAudience(&f, name, offer)
	}
	for i, route := range a.Routes {
		a.validateRoute(&f, fmt.Sprintf("routes[%d]", i), route, offer)
	}
	a.validatePaths(&f)
	return errors.Join(f...)
}

func (a Args) validateAudience(f *faults, name string, offer Offer) {
	path := "audiences." + name
	if !naming.IsKebab(name) {
		f.add(path, name, naming.Kebab)
	}
	if name == Origin {
		f.add(path, name, "any name but this, which is that of the ingress, is allowed")
	}
	if host := a.Host(name); len(host) > maxHost {
		f.add(path, host, "a host name of at most %d characters is allowed", maxHost)
	}
	audience := a.Audiences[name]
	if !slices.Contains(offer.Auths, audience.Auth) {
		f.add(path+".auth", audience.Auth, "one of %v is allowed", offer.Auths)
		return
	}
	switch audience.Auth {
	case JWT:
		validateIssuer(f, path+".issuer", audience.Issuer)
		validateClaims(f, path+".audiences", audience.Audiences)
		validateKeys(f, path+".keys", audience.Keys, offer)
	case MutualTLS:
		validateTrustStore(f, path+".trustStore", audience.TrustStore)
	case Key:
		validateCallers(f, path+".callers", audience.Callers)
	}
	audience.validateStrays(f, path)
}

// validateStrays refuses what another way to prove who one is would need: it would be without effect.
func (a Audience) validateStrays(f *faults, path string) {
	for _, field := range []struct {
		name  string
		of    Auth
		value any
		empty bool
	}{
		{"trustStore", MutualTLS, "PEM", a.TrustStore == ""},
		{"issuer", JWT, a.Issuer, a.Issuer == ""},
		{"audiences", JWT, a.Audiences, len(a.Audiences) == 0},
		{"keys", JWT, slices.Sorted(maps.Keys(a.Keys)), len(a.Keys) == 0},
		{"callers", Key, a.Callers, len(a.Callers) == 0},
	} {
		if a.Auth != field.of && !field.empty {
			f.add(path+"."+field.name, field.value, "nothing is allowed with auth %s", a.Auth)
		}
	}
}

func validateCallers(f *faults, path string, callers []string) {
	if len(callers) == 0 {
		f.add(path, "", "at least one caller must be named: without a key nobody comes in")
	}
	for i, caller := range callers {
		if !naming.IsKebab(caller) || slices.Contains(callers[:i], caller) {
			f.add(fmt.Sprintf("%s[%d]", path, i), caller, "%s, each caller named once", naming.Kebab)
		}
	}
}

func validateIssuer(f *faults, path, issuer string) {
	u, err := url.Parse(issuer)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		f.add(path, issuer, "an https URL without user, query and fragment is allowed")
	}
}

func validateClaims(f *faults, path string, claims []string) {
	if len(claims) == 0 {
		f.add(path, "", "at least one accepted audience claim must be set: without one any token of the issuer would do")
	}
	for i, claim := range claims {
		if claim == "" || slices.Contains(claims[:i], claim) {
			f.add(fmt.Sprintf("%s[%d]", path, i), claim, "each claim is named once")
		}
	}
}

func (a Args) validateRoute(f *faults, path string, route Route, offer Offer) {
	if !naming.IsKebab(route.Service) {
		f.add(path+".service", route.Service, naming.Kebab)
	}
	if !pathPrefix.MatchString(route.Path) {
		f.add(path+".path", route.Path, "a path of lower-case words joined by hyphens, such as /payments/refunds, is allowed")
	}
	if len(route.Audiences) == 0 {
		f.add(path+".audiences", "", "at least one audience must be set")
	}
	for i, audience := range route.Audiences {
		at := fmt.Sprintf("%s.audiences[%d]", path, i)
		if _, known := a.Audiences[audience]; !known {
			f.add(at, audience, "one of %v is allowed", slices.Sorted(maps.Keys(a.Audiences)))
		}
		if slices.Contains(route.Audiences[:i], audience) {
			f.add(at, audience, "each audience is named once")
		}
	}
	f.within(path+".rate", route.Rate, offer.Rate)
	f.within(path+".burst", route.Burst, offer.Burst)
}

// validatePaths refuses a path that two services claim, in whole or in part: behind the doors the
// ingress sees only the path. One service may give its audiences different rates, and may nest.
func (a Args) validatePaths(f *faults) {
	for i, route := range a.Routes {
		for j, other := range a.Routes[:i] {
			path := fmt.Sprintf("routes[%d].path", i)
			switch {
			case route.Service != other.Service && (below(route.Path, other.Path) || below(other.Path, route.Path)):
				f.add(path, route.Path, "a path apart from %s of %s (routes[%d]) is allowed", other.Path, other.Service, j)
			case route.Service == other.Service && route.Path == other.Path && intersect(route.Audiences, other.Audiences):
				f.add(path, route.Path, "one route for each path and audience is allowed, routes[%d] is another", j)
			}
		}
	}
}

// below tells whether path is prefix or lies below it.
func below(path, prefix string) bool {
	return path == prefix || strings.HasPrefix(path, prefix+"/")
}

func intersect(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
