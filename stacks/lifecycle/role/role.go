// Package role derives what a pipeline's role may do from the types that an environment uses, so that nobody grants it more.
package role

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"platform/policies/document"
	"platform/stacks/config"
	"platform/stacks/strict"
)

//go:embed aws.yaml
var awsFile []byte

//go:embed azure.yaml
var azureFile []byte

//go:embed gcp.yaml
var gcpFile []byte

// cloud is what one cloud's types need, and how its roles are written.
type cloud struct {
	file   []byte
	prefix string // of its types
	role   func(wanted, Uses, config.Settings) (any, error)
}

var clouds = map[string]cloud{
	"aws":   {awsFile, "aws:", ofAWS},
	"azure": {azureFile, "azure-native:", ofAzure},
	"gcp":   {gcpFile, "gcp:", ofGCP},
}

// needs is what one type needs, by what is done with it.
type needs struct {
	Source string   `yaml:"source"`
	Create []string `yaml:"create,omitempty"`
	Read   []string `yaml:"read,omitempty"`
	Update []string `yaml:"update,omitempty"`
	Delete []string `yaml:"delete,omitempty"`
	// Above is what only the organization above the account can let somebody do.
	Above []string `yaml:"above,omitempty"`
}

func (n needs) actions() []string { return slices.Concat(n.Create, n.Read, n.Update, n.Delete) }

func table(name string) (map[string]needs, error) {
	all := map[string]needs{}
	if faults := strict.Decode(clouds[name].file, &all); len(faults) > 0 {
		return nil, fmt.Errorf("stacks/lifecycle/role/%s.yaml: %w", name, strict.Join(faults))
	}
	return all, nil
}

// wanted is what an environment's types need, sorted.
type wanted struct{ actions, above []string }

// wantedBy adds up what types need. One without an entry is an error; what is inside the cluster, and what the program
// composes of others, needs nothing of the cloud.
func wantedBy(types []string, s config.Settings) (wanted, error) {
	all, err := table(s.Cloud)
	if err != nil {
		return wanted{}, err
	}
	var faults []error
	var out wanted
	for _, kind := range types {
		kind = document.Kind(kind)
		if !strings.HasPrefix(kind, clouds[s.Cloud].prefix) {
			continue
		}
		entry, known := all[kind]
		if !known {
			faults = append(faults, fmt.Errorf("type %s: add what it needs to stacks/lifecycle/role/%s.yaml", kind, s.Cloud))
		}
		out.actions, out.above = append(out.actions, entry.actions()...), append(out.above, entry.Above...)
	}
	if len(faults) > 0 {
		return wanted{}, strict.Join(faults)
	}
	if len(out.actions) == 0 {
		return wanted{}, fmt.Errorf("nothing of %s: is it the inventory of %s?", s.Cloud, s.Environment)
	}
	slices.Sort(out.actions)
	slices.Sort(out.above)
	return wanted{slices.Compact(out.actions), slices.Compact(out.above)}, nil
}

// Of is what the role that deploys an environment may do: policies on AWS, a custom role on Azure and Google Cloud.
func Of(uses Uses, s config.Settings) (any, error) {
	w, err := wantedBy(uses.Types, s)
	if err != nil {
		return nil, err
	}
	return clouds[s.Cloud].role(w, uses, s)
}
