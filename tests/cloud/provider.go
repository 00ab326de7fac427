package cloud

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// provider answers the engine for one package.
type provider struct {
	pulumirpc.UnimplementedResourceProviderServer
	cloud *Cloud
	pkg   Package
}

// connection is one provider instance: the engine opens a connection for each, so that a second
// region or cluster has a configuration of its own on the same port.
type connection struct {
	mu     sync.Mutex
	config Config
}

type connectionKey struct{}

// connections gives each connection its own place for what Configure says.
type connections struct{}

func (connections) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context {
	return context.WithValue(ctx, connectionKey{}, &connection{})
}
func (connections) HandleConn(context.Context, stats.ConnStats)                     {}
func (connections) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }
func (connections) HandleRPC(context.Context, stats.RPCStats)                       {}

func configOf(ctx context.Context) Config {
	c := ctx.Value(connectionKey{}).(*connection)
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.config
}

func (p *provider) Handshake(context.Context, *pulumirpc.ProviderHandshakeRequest) (*pulumirpc.ProviderHandshakeResponse, error) {
	return &pulumirpc.ProviderHandshakeResponse{AcceptSecrets: true, AcceptResources: true}, nil
}

func (p *provider) Attach(context.Context, *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func (p *provider) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func (p *provider) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: p.pkg.Version()}, nil
}

func (p *provider) CheckConfig(_ context.Context, r *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	inputs, err := p.plain(r.GetNews())
	if err != nil {
		return nil, err
	}
	return &pulumirpc.CheckResponse{Inputs: r.GetNews(), Failures: failures(p.pkg.CheckConfig(inputs))}, nil
}

func (p *provider) DiffConfig(_ context.Context, r *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	old, err := p.plain(r.GetOldInputs())
	if err != nil {
		return nil, err
	}
	news, err := p.plain(r.GetNews())
	if err != nil {
		return nil, err
	}
	out := &pulumirpc.DiffResponse{Replaces: p.pkg.DiffConfig(old, news)}
	out.Changes = pulumirpc.DiffResponse_DIFF_NONE
	names := maps.Clone(old)
	maps.Copy(names, news)
	for _, k := range slices.Sorted(maps.Keys(names)) {
		if !equalValue(&Property{}, old[k], news[k]) {
			out.Changes = pulumirpc.DiffResponse_DIFF_SOME
			out.Diffs = append(out.Diffs, k)
		}
	}
	return out, nil
}

func (p *provider) Configure(ctx context.Context, r *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	inputs, err := p.plain(r.GetArgs())
	if err != nil {
		return nil, err
	}
	var config Config
	err = p.cloud.store.View(func(t *Tx) error {
		config, err = p.pkg.Configure(t, inputs)
		return err
	})
	if err != nil {
		return nil, failed(err)
	}
	c := ctx.Value(connectionKey{}).(*connection)
	c.mu.Lock()
	c.config = config
	c.mu.Unlock()
	return &pulumirpc.ConfigureResponse{AcceptSecrets: true, SupportsPreview: true, AcceptResources: true}, nil
}

func (p *provider) Invoke(ctx context.Context, r *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	args, err := p.plain(r.GetArgs())
	if err != nil {
		return nil, err
	}
	var result map[string]any
	err = p.cloud.store.View(func(t *Tx) error {
		result, err = p.pkg.Invoke(t, configOf(ctx), r.GetTok(), args)
		return err
	})
	if err != nil {
		return nil, failed(err)
	}
	out, err := marshal(WrapMap(result, nil))
	return &pulumirpc.InvokeResponse{Return: out}, err
}

func (p *provider) Check(ctx context.Context, r *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	old, err := p.plain(r.GetOlds())
	if err != nil {
		return nil, err
	}
	news, err := unmarshal(r.GetNews())
	if err != nil {
		return nil, err
	}
	set, faults := p.pkg.Check(configOf(ctx), CheckRequest{
		Type: resource.URN(r.GetUrn()).Type().String(), URN: r.GetUrn(), Name: resource.URN(r.GetUrn()).Name(),
		Old: old, New: PlainMap(news), Seed: r.GetRandomSeed(),
	})
	inputs := news.Copy()
	for k, v := range set {
		w := Wrap(v)
		if inputs[resource.PropertyKey(k)].ContainsSecrets() {
			w = resource.MakeSecret(w)
		}
		inputs[resource.PropertyKey(k)] = w
	}
	out, err := marshal(inputs)
	return &pulumirpc.CheckResponse{Inputs: out, Failures: failures(faults)}, err
}

func (p *provider) Diff(_ context.Context, r *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	old, err := p.plain(r.GetOldInputs())
	if err != nil {
		return nil, err
	}
	news, err := p.plain(r.GetNews())
	if err != nil {
		return nil, err
	}
	state, err := p.plain(r.GetOlds())
	if err != nil {
		return nil, err
	}
	for _, ignored := range r.GetIgnoreChanges() {
		news[ignored] = old[ignored]
	}
	urn := resource.URN(r.GetUrn())
	result, err := p.pkg.Diff(DiffRequest{
		Type: urn.Type().String(), URN: r.GetUrn(), Name: urn.Name(), Old: old, New: news, State: state,
	})
	if err != nil {
		return nil, failed(err)
	}
	out := &pulumirpc.DiffResponse{
		Changes: pulumirpc.DiffResponse_DIFF_NONE, DeleteBeforeReplace: result.DeleteBeforeReplace,
		HasDetailedDiff: true, DetailedDiff: map[string]*pulumirpc.PropertyDiff{},
	}
	for _, c := range result.Changes {
		out.Changes = pulumirpc.DiffResponse_DIFF_SOME
		out.DetailedDiff[c.Path] = &pulumirpc.PropertyDiff{Kind: diffKind(c), InputDiff: true}
		if !slices.Contains(out.Diffs, c.Property) {
			out.Diffs = append(out.Diffs, c.Property)
		}
		if c.Replace && !slices.Contains(out.Replaces, c.Property) {
			out.Replaces = append(out.Replaces, c.Property)
		}
	}
	return out, nil
}

func diffKind(c Change) pulumirpc.PropertyDiff_Kind {
	kinds := map[ChangeKind][2]pulumirpc.PropertyDiff_Kind{
		Added:   {pulumirpc.PropertyDiff_ADD, pulumirpc.PropertyDiff_ADD_REPLACE},
		Removed: {pulumirpc.PropertyDiff_DELETE, pulumirpc.PropertyDiff_DELETE_REPLACE},
		Changed: {pulumirpc.PropertyDiff_UPDATE, pulumirpc.PropertyDiff_UPDATE_REPLACE},
	}
	if c.Replace {
		return kinds[c.Kind][1]
	}
	return kinds[c.Kind][0]
}

func (p *provider) Create(ctx context.Context, r *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	properties, err := unmarshal(r.GetProperties())
	if err != nil {
		return nil, err
	}
	config, typ, inputs := configOf(ctx), resource.URN(r.GetUrn()).Type().String(), PlainMap(properties)
	if r.GetPreview() {
		outputs, err := p.pkg.Preview(config, typ, inputs, nil)
		if err != nil {
			return nil, failed(err)
		}
		out, err := marshal(WrapMap(outputs, p.secrets(typ, properties)))
		return &pulumirpc.CreateResponse{Properties: out}, err
	}
	var made *Object
	err = p.change(ctx, "Create", typ, r.GetUrn(), func(t *Tx) (string, error) {
		made, err = p.pkg.Create(t, config, typ, r.GetUrn(), inputs)
		if err != nil {
			return "", err
		}
		made.Secrets = secretProperties(properties)
		return made.ID, nil
	})
	if err != nil {
		return nil, failed(err)
	}
	out, err := marshal(WrapMap(made.Outputs, p.secrets(typ, properties)))
	return &pulumirpc.CreateResponse{Id: made.PublicID(), Properties: out}, err
}

func (p *provider) Read(ctx context.Context, r *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	config, typ := configOf(ctx), resource.URN(r.GetUrn()).Type().String()
	var found *Object
	err := p.cloud.store.View(func(t *Tx) error {
		forget, err := p.pkg.Reach(t, config)
		if err != nil || forget {
			return err
		}
		if o := t.Get(typ, p.pkg.Key(config, typ, r.GetId()).ID); o != nil && o.alive() {
			found = o
		}
		return nil
	})
	if err != nil {
		return nil, failed(err)
	}
	if found == nil {
		return &pulumirpc.ReadResponse{}, nil
	}
	properties, err := marshal(WrapMap(found.Outputs, append(p.pkg.Secrets(typ), found.Secrets...)))
	if err != nil {
		return nil, err
	}
	inputs, err := marshal(WrapMap(found.Inputs, append(p.pkg.Secrets(typ), found.Secrets...)))
	return &pulumirpc.ReadResponse{Id: found.PublicID(), Properties: properties, Inputs: inputs}, err
}

func (p *provider) Update(ctx context.Context, r *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	properties, err := unmarshal(r.GetNews())
	if err != nil {
		return nil, err
	}
	config, typ, inputs := configOf(ctx), resource.URN(r.GetUrn()).Type().String(), PlainMap(properties)
	if r.GetPreview() {
		oldInputs, err := p.plain(r.GetOldInputs())
		if err != nil {
			return nil, err
		}
		oldOutputs, err := p.plain(r.GetOlds())
		if err != nil {
			return nil, err
		}
		outputs, err := p.pkg.Preview(config, typ, inputs, &Prior{Inputs: oldInputs, Outputs: oldOutputs})
		if err != nil {
			return nil, failed(err)
		}
		out, err := marshal(WrapMap(outputs, p.secrets(typ, properties)))
		return &pulumirpc.UpdateResponse{Properties: out}, err
	}
	var changed *Object
	err = p.change(ctx, "Update", typ, r.GetUrn(), func(t *Tx) (string, error) {
		changed = t.Get(typ, p.pkg.Key(config, typ, r.GetId()).ID)
		if changed == nil {
			return "", Refuse("NotFound", "%s %s does not exist", typ, r.GetId())
		}
		if err := p.pkg.Update(t, config, changed, inputs); err != nil {
			return "", err
		}
		changed.Secrets = secretProperties(properties)
		return changed.ID, nil
	})
	if err != nil {
		return nil, failed(err)
	}
	out, err := marshal(WrapMap(changed.Outputs, p.secrets(typ, properties)))
	return &pulumirpc.UpdateResponse{Properties: out}, err
}

// Delete succeeds for what is gone already, as the providers do.
func (p *provider) Delete(ctx context.Context, r *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	config, typ := configOf(ctx), resource.URN(r.GetUrn()).Type().String()
	err := p.change(ctx, "Delete", typ, r.GetUrn(), func(t *Tx) (string, error) {
		forget, err := p.pkg.Reach(t, config)
		if err != nil || forget {
			return r.GetId(), err
		}
		o := t.Get(typ, p.pkg.Key(config, typ, r.GetId()).ID)
		if o == nil {
			return r.GetId(), nil
		}
		return o.ID, p.pkg.Delete(t, config, o)
	})
	if err != nil {
		return nil, failed(err)
	}
	return &emptypb.Empty{}, nil
}

// change runs a call that changes the cloud: faults, the work in one transaction, time, the journal.
func (p *provider) change(ctx context.Context, op, typ, urn string, work func(*Tx) (string, error)) error {
	fault := p.cloud.Faults.at(op, urn)
	call := Call{Op: op, Type: typ, URN: urn, Fault: fault.name()}
	waited, err := fault.before()
	call.Modelled = waited
	if err == nil {
		err = p.cloud.store.Update(urn, func(t *Tx) error {
			id, err := work(t)
			call.ID = id
			call.Modelled += p.pkg.Duration(typ, op) + t.delay
			return err
		})
		if err == nil {
			err = fault.after()
		}
	}
	call.Err = err
	p.cloud.Journal.add(call)
	if d := p.cloud.clock.wait(call.Modelled); d > 0 {
		select {
		case <-time.After(d):
		case <-ctx.Done():
		}
	}
	return err
}

func (p *provider) secrets(typ string, inputs resource.PropertyMap) []string {
	return append(slices.Clone(p.pkg.Secrets(typ)), secretProperties(inputs)...)
}

var wire = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, KeepResources: true}

func unmarshal(s *structpb.Struct) (resource.PropertyMap, error) {
	return plugin.UnmarshalProperties(s, wire)
}

func marshal(m resource.PropertyMap) (*structpb.Struct, error) {
	return plugin.MarshalProperties(m, wire)
}

func (p *provider) plain(s *structpb.Struct) (map[string]any, error) {
	m, err := unmarshal(s)
	if err != nil {
		return nil, err
	}
	return PlainMap(m), nil
}

func failures(list []Failure) []*pulumirpc.CheckFailure {
	out := make([]*pulumirpc.CheckFailure, 0, len(list))
	for _, f := range list {
		reason := f.Reason
		if f.Path != "" {
			reason = fmt.Sprintf("%s: %s", f.Path, f.Reason)
		}
		out = append(out, &pulumirpc.CheckFailure{Reason: reason})
	}
	return out
}

// failed keeps the cloud's own code in the text, for that is what a reader searches for.
func failed(err error) error {
	var r *Refusal
	if errors.As(err, &r) {
		return status.Error(codes.FailedPrecondition, err.Error())
	}
	return status.Error(codes.Internal, err.Error())
}
