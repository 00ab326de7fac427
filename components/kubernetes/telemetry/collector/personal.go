package collector

// personal are the processors that take out what is about persons, in their order.
var personal = []string{"attributes/personal", "redaction"}

// hashed are attributes by which a person can be found again, but need not be known, and deleted those that nobody needs here
// (https://opentelemetry.io/docs/specs/semconv/registry/attributes/).
var (
	hashed  = []string{"client.address", "enduser.id", "network.peer.address", "source.address", "user.hash", "user.id"}
	deleted = []string{
		"enduser.pseudo.id", "url.query", "user.email", "user.full_name", "user.name",
		"http.request.header.authorization", "http.request.header.cookie", "http.response.header.set-cookie",
	}
)

// personalAttributes: https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/v0.161.0/processor/attributesprocessor
func personalAttributes() Settings {
	var actions []Settings
	for _, key := range hashed {
		actions = append(actions, Settings{"key": key, "action": "hash"})
	}
	for _, key := range deleted {
		actions = append(actions, Settings{"key": key, "action": "delete"})
	}
	return Settings{"actions": actions}
}

// blockedValues are parts of a value that are masked wherever they stand, in what a service logs as well: numbers of cards by
// their issuers' ranges, addresses of mail, accounts by their international number, and tokens.
var blockedValues = []string{
	`\b(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}|3[47][0-9]{13}|6(?:011|5[0-9]{2})[0-9]{12})\b`,
	`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}`,
	`\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b`,
	`\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*`,
	`(?i)\bbearer +[A-Za-z0-9._~+/-]+=*`,
}

// blockedKeys are those whose whole value is masked.
var blockedKeys = []string{`(?i).*(authorization|cookie|passw(or)?d|secret|api[-_.]?key|access[-_.]?token|refresh[-_.]?token).*`}

// redaction lets every key pass, and masks: which keys services use, the platform does not know
// (https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/v0.161.0/processor/redactionprocessor).
func redaction() Settings {
	return Settings{"allow_all_keys": true, "blocked_values": blockedValues, "blocked_key_patterns": blockedKeys, "summary": "silent"}
}
