package cloud

import (
	"fmt"
	"io/fs"
	"maps"
)

// Assemble loads the rule tables of a cloud, which are in its folder rules, and merges the hooks of its services.
func Assemble(of string, tables fs.FS, services []map[string]Hook) (*Rules, map[string]Hook, error) {
	rules, err := Load(tables, "rules/*.yaml")
	if err != nil {
		return nil, nil, fmt.Errorf("rule tables of %s: %w", of, err)
	}
	hooks, err := merge("hooks for", services)
	return rules, hooks, err
}

// MergeFunctions merges the functions of a cloud's services.
func MergeFunctions(services []map[string]Function) (map[string]Function, error) {
	return merge("answers to", services)
}

// merge refuses a token that two services speak for: one of them would be lost without a word.
func merge[V any](what string, services []map[string]V) (map[string]V, error) {
	out := map[string]V{}
	for _, service := range services {
		for token := range service {
			if _, twice := out[token]; twice {
				return nil, fmt.Errorf("two %s %s", what, token)
			}
		}
		maps.Copy(out, service)
	}
	return out, nil
}
