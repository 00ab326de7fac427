package audit

import (
	"testing"

	"platform/components/gateway"
	"platform/stacks/config"
)

// The doors' identity may read the keys of audiences that have some, and nothing else.
func TestTheDoorsMayReadTheKeysThatTheFileAsksFor(t *testing.T) {
	w := reasons{settings: config.Settings{Gateway: config.Gateway{Kind: gateway.Kong, Audiences: map[string]config.Audience{
		"mobile": {Auth: gateway.JWT}, "partner": {Auth: gateway.Key}, "shops": {Auth: gateway.Key},
	}}}}
	for role, want := range map[string]string{
		"secret-partner": "gateway.audiences.partner", "secret-shops": "gateway.audiences.shops", "secret-mobile": "", "secret-nobody": "", "topic-partner": "", "zone": "",
	} {
		if got, on := w.asked("ingress", role); got != want || got != "" && on != (ask{secretType, "ingress/" + role[len("secret-"):]}) {
			t.Errorf("%s: %q on %v, want %q", role, got, on, want)
		}
	}
	if got, want := w.allKeyed(), "gateway.audiences.partner, gateway.audiences.shops"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
