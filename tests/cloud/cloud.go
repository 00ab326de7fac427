package cloud

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"google.golang.org/grpc"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Cloud is the simulated world: one store, and a provider for each package that the engine attaches to.
type Cloud struct {
	Journal *Journal
	Faults  *Faults

	store    *Store
	packages []Package
	clock    Clock
	servers  []*grpc.Server
	ports    []string
	keys     *keys
}

// Options opens a Cloud.
type Options struct {
	Dir      string // where its state is kept
	Seed     uint64 // of everything that is generated
	Clock    Clock
	Packages []Package
}

// Open opens or creates a cloud's state. Nothing is served yet.
func Open(o Options) (*Cloud, error) {
	store, err := OpenStore(o.Dir, o.Seed)
	if err != nil {
		return nil, err
	}
	return &Cloud{
		Journal: &Journal{}, Faults: &Faults{}, store: store, packages: o.Packages, clock: o.Clock,
	}, nil
}

// Start opens a cloud, puts in place what is there before, and serves it.
func Start(o Options, before ...Object) (*Cloud, error) {
	c, err := Open(o)
	if err != nil {
		return nil, err
	}
	if err := c.Seed(before...); err != nil {
		return nil, errors.Join(fmt.Errorf("put in place what is there before: %w", err), c.Close())
	}
	if err := c.Serve(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Serve starts one provider per package and the service of keys, on the loopback interface.
func (c *Cloud) Serve() (err error) {
	if c.keys, err = serveKeys(c.store.seed); err != nil {
		return err
	}
	for _, p := range c.packages {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("serve the simulated provider %s: %w", p.Name(), err)
		}
		options := append(rpcutil.TracingServerInterceptorOptions(nil),
			grpc.StatsHandler(connections{}), grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage))
		s := grpc.NewServer(options...)
		pulumirpc.RegisterResourceProviderServer(s, &provider{cloud: c, pkg: p})
		go func() { _ = s.Serve(listener) }()
		_, port, err := net.SplitHostPort(listener.Addr().String())
		if err != nil {
			return err
		}
		c.servers = append(c.servers, s)
		c.ports = append(c.ports, p.Name()+":"+port)
	}
	return nil
}

// maxMessage is the engine's own bound on a message.
const maxMessage = 400 << 20

// Env are the variables that make an engine attach to the providers and find the key of its states.
func (c *Cloud) Env() map[string]string {
	env := c.keys.env()
	env["PULUMI_DEBUG_PROVIDERS"] = strings.Join(c.ports, ",")
	return env
}

// Close ends the providers and writes the state.
func (c *Cloud) Close() error {
	for _, s := range c.servers {
		s.Stop()
	}
	if c.keys != nil {
		_ = c.keys.server.Close()
	}
	c.servers, c.ports, c.keys = nil, nil, nil
	return c.store.Close()
}

// Inventory lists everything that is in the cloud, in the order of creation. The objects are copies.
func (c *Cloud) Inventory() []*Object {
	var out []*Object
	_ = c.store.View(func(t *Tx) error {
		for _, o := range t.s.objects {
			out = append(out, o.clone())
		}
		return nil
	})
	slices.SortFunc(out, bySeq)
	return out
}

// Seed puts in place what is there before an environment is built, such as a delegated DNS zone.
// What exists already stays as it is.
func (c *Cloud) Seed(objects ...Object) error {
	return c.store.Update("seed", func(t *Tx) error {
		for _, o := range objects {
			if t.get(o.Key()) == nil {
				o.Preexisting = true
				t.Mint(o)
			}
		}
		return nil
	})
}

// Meddle changes objects behind the engine's back, as a person at a console does.
func (c *Cloud) Meddle(change func(t *Tx) error) error {
	return c.store.Update("meddle", change)
}

// Forbidden lists what stands although the account's guardrails would not let it be made or changed now: the next
// change of it, or the next environment, would be refused.
func (c *Cloud) Forbidden() []string {
	var out []string
	standing := c.Inventory()
	_ = c.store.View(func(t *Tx) error {
		for _, o := range standing {
			if table, rule := c.ruleOf(o.Type); rule != nil && o.alive() && !o.Preexisting {
				if err := table.guard(t, o); err != nil {
					out = append(out, err.Error())
				}
			}
		}
		return nil
	})
	return out
}

// Found lists what a resource's lost or finished creations left in the cloud, in the order of creation.
func (c *Cloud) Found(urn string) []*Object {
	return slices.DeleteFunc(c.Inventory(), func(o *Object) bool { return o.URN != urn || !o.alive() })
}

func (c *Cloud) pkg(name string) (Package, error) {
	i := slices.IndexFunc(c.packages, func(p Package) bool { return p.Name() == name })
	if i < 0 {
		return nil, fmt.Errorf("the simulated clouds have no package %q", name)
	}
	return c.packages[i], nil
}

// Taggable says whether a type can bear tags by its rules.
func (c *Cloud) Taggable(typ string) bool {
	_, rule := c.ruleOf(typ)
	return rule != nil && rule.Taggable
}

func (c *Cloud) ruleOf(typ string) (*Table, *Rule) {
	name, _, _ := strings.Cut(typ, ":")
	p, err := c.pkg(name)
	if err != nil {
		return nil, nil
	}
	table, ok := p.(*Table)
	if !ok {
		return nil, nil
	}
	return table, table.Rules.Types[typ]
}

// Retag puts a tag on an object as a person at a console does, and says whether the object can bear it.
func (c *Cloud) Retag(o *Object, key, value string) bool {
	table, rule := c.ruleOf(o.Type)
	if rule == nil || !rule.Taggable {
		return false
	}
	changed := false
	for _, values := range []map[string]any{o.Inputs, o.Outputs} {
		for _, path := range []string{rule.tagPath(), table.AllTags} {
			if tags, ok := dig(values, path).(map[string]any); ok && path != "" {
				tags[key], changed = value, true
			}
		}
	}
	if changed {
		o.Tags[key] = value
	}
	return changed
}

// Refused says whether an error is the cloud's refusal with a code.
func Refused(err error, code string) bool {
	var r *Refusal
	return errors.As(err, &r) && cmp.Or(code, r.Code) == r.Code
}
