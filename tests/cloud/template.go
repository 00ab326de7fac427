package cloud

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A template is text with words in braces:
//
//	{region} {account} {partition} {id}     where and what the object is
//	{hex:17} {alnum:13} {digits:12} {uuid}  random, made once when the object is created; of less than
//	                                        six characters it would be found in other text as well
//	{ref:<input>:<output>}                  an output or input of the object that an input names
//	{<input or earlier output>}             dots go into objects, a number picks from an array
//
// A template that is exactly one word keeps the type of its value.
var word = regexp.MustCompile(`\{([^{}\s"]+)\}`)

var randomWord = regexp.MustCompile(`^(hex|alnum|digits):([0-9]+)$`)

// uuidWord is both the word and, as an alphabet, what stands for its form.
const uuidWord = "uuid"

func checkTemplate(s string) error {
	for _, m := range word.FindAllStringSubmatch(s, -1) {
		w := m[1]
		if head, _, ok := strings.Cut(w, ":"); ok {
			switch head {
			case "hex", "alnum", "digits":
				if !randomWord.MatchString(w) {
					return fmt.Errorf("{%s}: the length must be a number", w)
				}
			case "ref":
				if strings.Count(w, ":") != 2 {
					return fmt.Errorf("{%s}: must be {ref:<input>:<output>}", w)
				}
			default:
				return fmt.Errorf("{%s}: unknown word", w)
			}
		}
	}
	return nil
}

// isRandom says whether a template makes random text, so that it is evaluated only once.
func isRandom(v any) bool {
	found := false
	walkStrings(v, func(s string) {
		for _, m := range word.FindAllStringSubmatch(s, -1) {
			found = found || m[1] == uuidWord || randomWord.MatchString(m[1])
		}
	})
	return found
}

// scope is what a template can see.
type scope struct {
	values map[string]any // inputs, defaults, outputs so far, id, region, account, partition
	random func(alphabet string, n int) string
	ref    func(input, output string) (any, error)
}

// expand evaluates the templates in a value. A word without a value makes the result nil when the word
// stands alone and an error when it is part of a text; an unknown word makes the result unknown.
func (s *scope) expand(v any) (any, error) {
	switch v := v.(type) {
	case string:
		return s.text(v)
	case []any:
		out := make([]any, 0, len(v))
		for _, e := range v {
			x, err := s.expand(e)
			if err != nil {
				return nil, err
			}
			if x != nil {
				out = append(out, x)
			}
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) { // in an order, so that random text is the same each time
			x, err := s.expand(v[k])
			if err != nil {
				return nil, err
			}
			if x != nil {
				out[k] = x
			}
		}
		return out, nil
	}
	return v, nil
}

func (s *scope) text(t string) (any, error) {
	found := word.FindAllStringSubmatchIndex(t, -1)
	if len(found) == 1 && found[0][0] == 0 && found[0][1] == len(t) {
		return s.word(t[1 : len(t)-1])
	}
	var out strings.Builder
	end := 0
	for _, m := range found {
		out.WriteString(t[end:m[0]])
		end = m[1]
		name := t[m[2]:m[3]]
		v, err := s.word(name)
		if err != nil {
			return nil, err
		}
		switch v := v.(type) {
		case nil:
			return nil, fmt.Errorf("template %q: {%s} has no value", t, name)
		case Unknown:
			return Unknown{}, nil
		case string:
			out.WriteString(v)
		case float64:
			out.WriteString(strconv.FormatFloat(v, 'f', -1, 64))
		case bool:
			out.WriteString(strconv.FormatBool(v))
		default:
			return nil, fmt.Errorf("template %q: {%s} is a %T, not text", t, name, v)
		}
	}
	out.WriteString(t[end:])
	return out.String(), nil
}

const (
	hexDigits = "0123456789abcdef"
	alnums    = "abcdefghijklmnopqrstuvwxyz0123456789"
	decimals  = "0123456789"
)

func (s *scope) word(w string) (any, error) {
	if w == uuidWord {
		return s.random(uuidWord, 36), nil
	}
	if m := randomWord.FindStringSubmatch(w); m != nil {
		n, err := strconv.Atoi(m[2])
		if err != nil {
			return nil, err
		}
		alphabet := map[string]string{"hex": hexDigits, "alnum": alnums, "digits": decimals}[m[1]]
		return s.random(alphabet, n), nil
	}
	if rest, ok := strings.CutPrefix(w, "ref:"); ok {
		input, output, _ := strings.Cut(rest, ":")
		return s.ref(input, output)
	}
	return dig(s.values, w), nil
}

// dig follows a dotted path; nil when there is nothing.
func dig(v any, path string) any {
	if m, ok := v.(map[string]any); ok {
		if x, ok := m[path]; ok { // keys may themselves contain dots
			return x
		}
	}
	head, rest, more := strings.Cut(path, ".")
	var next any
	switch v := v.(type) {
	case map[string]any:
		next = v[head]
	case map[string]string:
		if x, ok := v[path]; ok {
			return x
		}
		return nil
	case []any:
		if i, err := strconv.Atoi(head); err == nil && i >= 0 && i < len(v) {
			next = v[i]
		}
	case Unknown:
		return v
	}
	if !more || next == nil {
		return next
	}
	return dig(next, rest)
}
