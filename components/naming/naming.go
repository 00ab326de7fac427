// Package naming fits physical names into the limits that clouds put on them.
package naming

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// hashLength is the number of hexadecimal characters that tell apart names which were cut or
// cleaned: 32 bits, where one environment has some thousand names per kind at most.
const hashLength = 8

// Shortest is the least limit that Fit can serve: one letter, a hyphen and the hash.
const Shortest = hashLength + 2

// Fit joins the parts by hyphens into a name of at most so many characters, of lower-case letters,
// digits and single hyphens, that begins with a letter or digit and does not end with a hyphen:
// the alphabet that every kind of name on every cloud accepts.
//
// A name that already is so stays as it is and can be read back. Any other is cleaned, cut and given
// a hash of the full name, so that two long names that differ only at the end stay apart.
//
// Fit panics if most is less than Shortest: limits are constants of the program, never configuration.
func Fit(most int, parts ...string) string {
	if most < Shortest {
		panic(fmt.Sprintf("naming: limit %d: at least %d is needed", most, Shortest))
	}
	full := strings.Join(parts, "-")
	cleaned := clean(full)
	if cleaned == full && full != "" && len(full) <= most {
		return full
	}
	hash := Hash(full)
	if room := most - hashLength - 1; len(cleaned) > room {
		cleaned = cleaned[:room]
	}
	cleaned = strings.TrimRight(cleaned, "-")
	if cleaned == "" {
		// Most kinds of name must begin with a letter, which a hash may not.
		cleaned = "x"
	}
	return cleaned + "-" + hash
}

// clean maps every run of other characters to one hyphen.
func clean(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else if s := b.String(); s != "" && !strings.HasSuffix(s, "-") {
			b.WriteByte('-')
		}
	}
	return strings.TrimRight(b.String(), "-")
}

// Hash stands for a text in a name that has no room for it.
func Hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])[:hashLength]
}
