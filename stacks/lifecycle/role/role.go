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
	role   func(wanted, Uses, string, config.Settings) (any, error)
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

func (n needs) actions(purpose string) []string {
	if purpose == "preview" {
		return slices.DeleteFunc(slices.Clone(n.Read), func(action string) bool { return slices.Contains(notToLook, action) })
	}
	return slices.Concat(n.Create, n.Read, n.Update, n.Delete)
}

// notToLook are the actions that providers use when they read a thing, and a preview does not need: they make something, or tell a
// secret.
var notToLook = []string{"iam:CreateServiceLinkedRole", "secretmanager.versions.access", "apikeys.keys.getKeyString"}

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
func wantedBy(types []string, purpose string, s config.Settings) (wanted, error) {
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
		out.actions, out.above = append(out.actions, entry.actions(purpose)...), append(out.above, entry.above(purpose)...)
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

// above is what only the organization grants, to whoever changes something.
func (n needs) above(purpose string) []string {
	if purpose == "preview" {
		return nil
	}
	return n.Above
}

// Of is what the role that deploys an environment may do, or the one that only previews, or asks what is there, or ends orphans: policies on AWS, a
// custom role on Azure and Google Cloud.
func Of(uses Uses, purpose string, s config.Settings) (any, error) {
	switch purpose {
	case Inventory:
		return looks[s.Cloud](s), nil
	case Orphans:
		ends, ok := endings[s.Cloud]
		if !ok {
			return nil, fmt.Errorf("on %s a cluster takes along what it made: nothing is to be ended", s.Cloud)
		}
		return ends(s), nil
	}
	w, err := wantedBy(uses.Types, purpose, s)
	if err != nil {
		return nil, err
	}
	return clouds[s.Cloud].role(w, uses, purpose, s)
}
