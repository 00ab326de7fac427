package kong

import "strings"

// steps are what the two scripts share: to give the door what it is to know, with the keys of callers once they are there, and to
// tell what that and its certificate are by now.
const steps = `set -eu
give() {
  if [ -e GIVEN/KEYS ]; then cat GIVEN/KEYS; else cat GIVEN/BASE; fi > KNOWN/.next
  mv KNOWN/.next KNOWN/BASE
}
state() { cat GIVEN/* TLS/* | sha256sum; }
`

// begin is done before Kong starts.
const begin = steps + `state > KNOWN/.state
give
`

// follow lets Kong begin anew when a certificate was renewed or a key changed: its server starts other workers, and the old ones
// end with their last request. What cannot be read, it refuses, and goes on with what it knows
// (https://nginx.org/en/docs/control.html#reconfiguration; kong reload does no other,
// https://github.com/Kong/kong/blob/3.9.3/kong/cmd/reload.lua).
const follow = steps + `trap 'exit 0' TERM
while true; do
  sleep SECONDS & wait $!
  now=$(state)
  if [ "$now" != "$(cat KNOWN/.state)" ] && [ -s PREFIX/pids/nginx.pid ]; then
    give
    kill -HUP "$(cat PREFIX/pids/nginx.pid)"
    echo "$now" > KNOWN/.state
  fi
done
`

// script fills in where things are.
func script(text, given, tls, known, prefix, seconds string) string {
	return strings.NewReplacer("GIVEN", given, "TLS", tls, "KNOWN", known, "PREFIX", prefix, "SECONDS", seconds, "KEYS", keysFile, "BASE", baseFile).Replace(text)
}

// inPod is a script as the pod runs it.
func inPod(text string) string { return script(text, givenPath, tlsPath, knownPath, prefixPath, "10") }
