package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"platform/components/limit"
	"platform/components/naming"
	"platform/stacks/strict"
)

// validateDelivery wants every service to come from a repository that the environment can read.
func (s Settings) validateDelivery(f *faults) {
	d := s.Delivery
	between(f, "delivery.replicas", d.Replicas, limit.Replicas)
	if !strings.HasPrefix(d.SSO.Issuer, "https://") {
		f.add("delivery.sso.issuer", d.SSO.Issuer, "an https URL is allowed")
	}
	if d.SSO.ClientID == "" {
		f.add("delivery.sso.clientID", d.SSO.ClientID, "a value is needed")
	}
	for i, scope := range d.SSO.Scopes {
		if scope == "" || strings.ContainsAny(scope, " \"\\\n") {
			f.add(fmt.Sprintf("delivery.sso.scopes[%d]", i), scope, "one word without quotes is allowed")
		}
	}
	if !strings.HasPrefix(d.Git.URL, "https://") || !strings.HasSuffix(d.Git.URL, "/") {
		f.add("delivery.git.url", d.Git.URL, "an https URL that ends in a slash is allowed: it is what every repository begins with")
	}
	if !naming.IsKebab(d.Git.Username) {
		f.add("delivery.git.username", d.Git.Username, "%s", naming.Kebab)
	}
	owners := map[string]bool{}
	for _, name := range s.Catalog.Names() {
		owners[s.Catalog.Services[name].Team] = true
	}
	for _, team := range slices.Sorted(maps.Keys(owners)) {
		repository := s.Catalog.Teams[team].Repository
		if _, known := s.Catalog.Teams[team]; known && d.Git.URL != "" && !strings.HasPrefix(repository, d.Git.URL) {
			*f = append(*f, strict.Fault{Path: "delivery.git.url", Value: d.Git.URL, Allowed: fmt.Sprintf(
				"the repository of team %s, which owns services, is %q: one that begins so is allowed", team, repository)})
		}
	}
}
