package datadog

import "encoding/json"

// mask is what must not leave the cluster, and what stands in its place.
type mask struct{ name, pattern, instead string }

// masks are of personal data that people write into logs by mistake. They are patterns of Go
// (https://docs.datadoghq.com/agent/logs/advanced_log_collection/#scrub-sensitive-data-from-your-logs): what is not of a form, none finds.
var masks = []mask{
	{"mail-address", `[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}`, "[mail address]"},
	// https://www.iso.org/standard/81090.html: two letters, two digits, and at most thirty letters and digits, which people write in fours.
	{"bank-account", `\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b`, "[bank account]"},
	// https://www.iso.org/standard/70484.html: the networks of cards, sixteen digits or fifteen.
	{"card-number", `\b(?:4[0-9]{3}|5[1-5][0-9]{2}|2[2-7][0-9]{2}|6[0-9]{3})(?:[ -]?[0-9]{4}){3}\b|\b3[47][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{5}\b`, "[card number]"},
	{"bearer-token", `(?i)bearer [A-Za-z0-9._~+/-]+=*`, "Bearer [token]"},
}

// logRule and traceRule are how logs and traces are told of a mask
// (https://docs.datadoghq.com/agent/logs/advanced_log_collection/#global-processing-rules,
// https://docs.datadoghq.com/tracing/configure_data_security/#replace-tags).
type logRule struct {
	Type    string `json:"type"`
	Name    string `json:"name"`
	Instead string `json:"replace_placeholder"`
	Pattern string `json:"pattern"`
}

type traceRule struct {
	Name    string `json:"name"`
	Pattern string `json:"pattern"`
	Instead string `json:"repl"`
}

// masking are the variables by which the agents know what to mask.
func masking() ([]variable, error) {
	var logs []logRule
	var traces []traceRule
	for _, m := range masks {
		logs = append(logs, logRule{"mask_sequences", m.name, m.instead, m.pattern})
		traces = append(traces, traceRule{"*", m.pattern, m.instead})
	}
	var out []variable
	for _, each := range []struct {
		name  string
		rules any
	}{{"DD_LOGS_CONFIG_PROCESSING_RULES", logs}, {"DD_APM_REPLACE_TAGS", traces}} {
		text, err := json.Marshal(each.rules)
		if err != nil {
			return nil, err
		}
		out = append(out, variable{each.name, string(text)})
	}
	return out, nil
}
