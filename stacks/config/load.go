package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"gopkg.in/yaml.v3"

	"platform/stacks/catalog"
	"platform/stacks/strict"
)

// Key is the one configuration key that holds an environment.
const Key = "platform:environment"

// keysOf are all that a stack's file may hold in the project's namespace.
func keysOf(environment string) []string {
	if environment == Mould {
		return []string{Key, PoolKey}
	}
	return []string{Key}
}

// Load decodes, completes and validates an environment; every fault is returned at once.
func Load(
	raw []byte, c catalog.Catalog, environment string, others []Plan, offers Offering,
) (Settings, error) {
	s, found := complete(raw, c, environment)
	// What could not be decoded was named; to judge it as empty would name it twice.
	named := map[string]bool{}
	for _, f := range found {
		var fault strict.Fault
		if errors.As(f, &fault) {
			named[fault.Path] = true
		}
	}
	for _, f := range Validate(s, others, offers) {
		var fault strict.Fault
		if errors.As(f, &fault) && coveredBy(fault.Path, named) {
			continue
		}
		found = append(found, f)
	}
	if len(found) > 0 {
		return s, strict.Join(found)
	}
	return s, nil
}

// complete decodes an environment, and fills in what it need not say.
func complete(raw []byte, c catalog.Catalog, environment string) (Settings, []error) {
	s := Settings{}
	faults := strict.Decode(raw, &s)
	s.Environment = environment
	only, unknown := c.Only(s.Services)
	for _, name := range unknown {
		faults = append(faults, strict.Fault{Path: "services", Value: name, Allowed: "one of " + strings.Join(c.Names(), ", ") + " is allowed"})
	}
	s.Catalog = only
	return Defaults(s), faults
}

// coveredBy says whether a path, what it is in, or something in it, was named already.
func coveredBy(at string, named map[string]bool) bool {
	for n := range named {
		if at == n || within(at, n) || within(n, at) {
			return true
		}
	}
	return false
}

func within(at, of string) bool {
	return strings.HasPrefix(at, of+".") || strings.HasPrefix(at, of+"[")
}

// stackFile is what is read of a Pulumi.<stack>.yaml.
type stackFile struct {
	Config map[string]yaml.Node `yaml:"config"`
}

// FileOf is the name of an environment's file.
func FileOf(environment string) string { return "Pulumi." + environment + ".yaml" }

// environment is what the file says under the key.
func (f stackFile) environment(name string) ([]byte, error) {
	node, ok := f.Config[Key]
	if !ok {
		return nil, fmt.Errorf("%s: config: %s is missing", name, Key)
	}
	raw, err := yaml.Marshal(&node)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return raw, nil
}

// FromFile reads an environment from the folder of the stacks, as a rehearsal or a check does.
func FromFile(stacks fs.FS, environment string, offers Offering) (Settings, error) {
	name := FileOf(environment)
	file, err := readStack(stacks, name)
	if err != nil {
		return Settings{}, err
	}
	var found []error
	for key := range file.Config {
		if allowed := keysOf(environment); strings.HasPrefix(key, "platform:") && !slices.Contains(allowed, key) {
			found = append(found, strict.Fault{Path: key, Allowed: "unknown key: allowed are " + strings.Join(allowed, ", ")})
		}
	}
	raw, err := file.environment(name)
	if err != nil {
		return Settings{}, err
	}
	s, err := read(raw, stacks, environment, offers)
	if err = errors.Join(append(found, err)...); err != nil {
		return s, fmt.Errorf("%s has faults, nothing was built:\n%w", name, err)
	}
	return s, nil
}

// Stated reads what an environment's file says, as a report does that need not judge it: without what drivers offer
// it cannot be validated.
func Stated(stacks fs.FS, environment string) (Settings, error) {
	name := "Pulumi." + environment + ".yaml"
	file, err := readStack(stacks, name)
	if err != nil {
		return Settings{}, err
	}
	node, ok := file.Config[Key]
	if !ok {
		return Settings{}, fmt.Errorf("%s: config: %s is missing", name, Key)
	}
	raw, err := yaml.Marshal(&node)
	if err != nil {
		return Settings{}, fmt.Errorf("%s: %w", name, err)
	}
	c, err := catalog.Load()
	if err != nil {
		return Settings{}, err
	}
	s, faults := complete(raw, c, environment)
	if environment == Mould {
		if pool, found, err := statedPool(stacks); err == nil {
			s.Pool, faults = &pool, append(faults, found...)
		}
	}
	if len(faults) > 0 {
		return s, fmt.Errorf("%s has faults:\n%w", name, strict.Join(faults))
	}
	return s, nil
}

// FromPulumi reads the environment of the running stack.
func FromPulumi(ctx *pulumi.Context, stacks fs.FS, offers Offering) (Settings, error) {
	raw, err := rawOf(ctx)
	if err != nil {
		return Settings{}, err
	}
	s, err := read(raw, stacks, ctx.Stack(), offers)
	if err != nil {
		return s, fmt.Errorf("stack %s has faults, nothing was built:\n%w", ctx.Stack(), err)
	}
	return s, nil
}

// Read decodes the environment of the running stack for policies, which do not know what drivers offer and by that
// cannot validate it: the program itself refuses what is not whole.
func Read(ctx *pulumi.Context) (Settings, error) {
	raw, err := rawOf(ctx)
	if err != nil {
		return Settings{}, err
	}
	c, err := catalog.Load()
	if err != nil {
		return Settings{}, err
	}
	s, faults := complete(raw, c, ctx.Stack())
	if len(faults) > 0 {
		return s, fmt.Errorf("stack %s has faults:\n%w", ctx.Stack(), strict.Join(faults))
	}
	return s, nil
}

// rawOf is what the running stack's file says of its environment.
func rawOf(ctx *pulumi.Context) ([]byte, error) {
	raw, ok := ctx.GetConfig(Key)
	if !ok {
		return nil, fmt.Errorf("stack %s has no configuration %s: start from one of the environments in stacks/", ctx.Stack(), Key)
	}
	return []byte(raw), nil
}

func read(raw []byte, stacks fs.FS, environment string, offers Offering) (Settings, error) {
	c, err := catalog.Load()
	if err != nil {
		return Settings{}, err
	}
	others, err := plans(stacks, environment)
	if err != nil {
		return Settings{}, err
	}
	return Load(raw, c, environment, others, offers)
}

func readStack(stacks fs.FS, name string) (stackFile, error) {
	var file stackFile
	raw, err := fs.ReadFile(stacks, name)
	if err != nil {
		return file, fmt.Errorf("read the environment: %w", err)
	}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		return file, fmt.Errorf("%s: %w", name, err)
	}
	return file, nil
}

// plans are what the other environments have taken. A file that cannot be read is its own
// environment's fault, not this one's.
func plans(stacks fs.FS, environment string) ([]Plan, error) {
	names, err := fs.Glob(stacks, "Pulumi.*.yaml")
	if err != nil {
		return nil, err
	}
	out, err := pooled(stacks)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		other := strings.TrimSuffix(strings.TrimPrefix(path.Base(name), "Pulumi."), ".yaml")
		if other == environment {
			continue
		}
		file, err := readStack(stacks, name)
		if err != nil {
			continue
		}
		var partial struct {
			Cloud       string `yaml:"cloud"`
			LandingZone string `yaml:"landingZone"`
			Network     struct {
				CIDR string `yaml:"cidr"`
			} `yaml:"network"`
		}
		node := file.Config[Key]
		if node.Decode(&partial) != nil {
			continue
		}
		if p := (Plan{Environment: other, Cloud: partial.Cloud, LandingZone: partial.LandingZone, Parts: partsOf(node)}); p.CIDR.UnmarshalText([]byte(partial.Network.CIDR)) == nil && p.CIDR.IsValid() {
			out = append(out, p)
		}
	}
	return out, nil
}

// Environments are those that have a file in the folder, sorted.
func Environments(stacks fs.FS) ([]string, error) {
	names, err := fs.Glob(stacks, "Pulumi.*.yaml")
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		names[i] = strings.TrimSuffix(strings.TrimPrefix(path.Base(name), "Pulumi."), ".yaml")
	}
	slices.Sort(names)
	return names, nil
}
