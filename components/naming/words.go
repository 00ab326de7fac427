package naming

import "regexp"

var kebab = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// Kebab says what IsKebab accepts, for messages.
const Kebab = "lower-case words joined by hyphens are allowed"

// IsKebab tells whether s is lower-case words joined by hyphens, which is how the catalogue names
// teams, services and events, and a form that Kubernetes and all clouds accept.
func IsKebab(s string) bool { return kebab.MatchString(s) }
