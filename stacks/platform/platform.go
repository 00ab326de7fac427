// Package platform composes an environment out of the components: what the settings and the catalogue
// say, in the order in which one part needs the other.
package platform

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/database"
	"platform/components/foundation"
	"platform/components/gateway"
	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/certificates"
	"platform/components/kubernetes/dns"
	"platform/components/kubernetes/mesh"
	"platform/components/kubernetes/secrets"
	"platform/components/kubernetes/tenancy"
	"platform/components/kubernetes/workload"
	"platform/components/network"
	"platform/components/queue"
	"platform/components/trail"
	"platform/stacks/config"
)

// Type is the whole environment's identity in state; renaming it needs an alias.
const Type = "platform:platform:Platform"

// environment is what is being built.
type environment struct {
	settings config.Settings
	driver   Driver
	root     pulumi.Resource
	provider pulumi.ProviderResource

	network  network.Outputs
	broker   queue.Broker
	cluster  cluster.Outputs
	gateway  gateway.Outputs
	services map[string]*service
	observer observer
	queues   []watched
	inside   []pulumi.ResourceOption   // of what lives in the cluster
	stored   []pulumi.Resource         // what makes volumes
	classes  []pulumi.Resource         // of priority
	roomy    []pulumi.Resource         // what makes room for pods of services
	bounds   map[string]tenancy.Bounds // by team

	// certificates signs for what lives in the cluster.
	certificates *certificates.Component
	// mesh carries what goes from service to service; nil in an environment that has none.
	mesh *mesh.Component
	// secrets brings the values of secrets into the cluster, for whoever asks for one there.
	secrets *secrets.Component
	// names publishes them.
	names *dns.Component
	// watched is who watches; nil in an environment that nobody watches.
	watched *watcher
	// telemetry is where services send what they tell of themselves, as whatever watches says; nowhere if nobody takes it.
	telemetry workload.Telemetry
	// receivers is where the keys and addresses come from of whom alerts are told.
	receivers bridge.Source
}

// Deploy builds the environment. Whatever can be known to be wrong is said before anything is built.
func Deploy(ctx *pulumi.Context, s config.Settings) error {
	d, err := DriverOf(s)
	if err != nil {
		return err
	}
	if err := errors.Join(append(reachable(s), affordable(s, d))...); err != nil {
		return fmt.Errorf("environment %s has faults, nothing was built:\n%w", s.Environment, err)
	}
	e := &environment{settings: s, driver: d, services: map[string]*service{}}
	if e.provider, err = d.Provider(ctx, s.Cloud); err != nil {
		return err
	}
	root := &pulumi.ResourceState{}
	if err := ctx.RegisterComponentResourceV2(Type, "platform", pulumi.Map{
		"environment": pulumi.String(s.Environment), "cloud": pulumi.String(s.Cloud), "account": pulumi.String(s.Landing.Account),
		"region": pulumi.String(s.Region), "tier": pulumi.String(s.Tier), "tags": pulumi.ToStringMap(s.Tags("platform")),
	}, root, pulumi.Providers(e.provider)); err != nil {
		return err
	}
	e.root = root
	for _, step := range []func(*pulumi.Context) error{
		e.buildFoundation, e.buildTrail, e.buildGuardrails, e.buildIdentities, e.buildObserver, e.buildInside, e.buildEvents,
		e.buildScaling, e.buildStores, e.buildFlows, e.buildGrants, e.buildBridges, e.buildAlerting, e.buildDelivery, e.buildGateway, e.buildAlarms,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	outputs := pulumi.Map{
		"network": e.network.ID, "cluster": e.cluster.Name, "clusterEndpoint": e.cluster.Endpoint,
		"kubeconfig": e.cluster.Kubeconfig, "services": e.serviceOutputs(), "gateways": e.gatewayOutputs(),
		"teams": e.teamOutputs(),
	}
	for name, value := range outputs {
		ctx.Export(name, value)
	}
	return ctx.RegisterResourceOutputs(root, outputs)
}

// affordable counts connections before anything is built.
func affordable(s config.Settings, sizer database.Sizer) error {
	var faults []error
	for _, name := range s.Catalog.Names() {
		asked := s.Catalog.Services[name].Database
		if asked == nil {
			continue
		}
		_, err := database.Args{
			Service: name, Size: asked.Size, ConnectionsPerPod: asked.ConnectionsPerPod, MaxPods: s.Pods(name),
		}.Plan(sizer)
		if err != nil {
			faults = append(faults, fmt.Errorf("services.%s.database.%w", name, err))
		}
	}
	return errors.Join(faults...)
}

func (e *environment) options() []pulumi.ResourceOption {
	return []pulumi.ResourceOption{pulumi.Parent(e.root)}
}

// buildTrail builds the account's audit trail, if this is the environment of the account that has it.
func (e *environment) buildTrail(ctx *pulumi.Context) error {
	asked := e.settings.Trail
	if asked == nil {
		return nil
	}
	_, err := trail.New(ctx, "trail", e.driver, trail.Args{Days: asked.Days, Lock: asked.Lock, Tags: e.settings.Tags("trail")}, e.options()...)
	return err
}

// pools are those of the cluster, as its contract has them.
func pools(s config.Settings) map[string]cluster.Pool {
	out := make(map[string]cluster.Pool, len(s.Cluster.Pools))
	for name, p := range s.Cluster.Pools {
		out[name] = cluster.Pool{
			Size: p.Size, Capacity: p.Capacity, Min: p.Min, Max: p.Max, System: p.System, DiskGiB: p.DiskGiB,
		}
	}
	return out
}

// buildFoundation builds what all services share.
func (e *environment) buildFoundation(ctx *pulumi.Context) error {
	s := e.settings
	if _, err := foundation.New(ctx, "foundation", e.driver, foundation.Args{
		LogDays:          slices.Max(s.LogDays()),
		DeleteProtection: s.Cluster.DeleteProtection, Tags: s.Tags("foundation"),
	}, e.options()...); err != nil {
		return err
	}
	n, err := network.New(ctx, "network", e.driver, network.Args{
		CIDR: s.Network.CIDR, Zones: s.Network.Zones, NAT: s.Network.NAT, Endpoints: s.Network.Endpoints,
		FlowLogDays: s.Network.FlowLogDays, Doors: s.Gateway.Kind == gateway.Kong, Tags: s.Tags("network"),
	}, e.options()...)
	if err != nil {
		return err
	}
	c, err := cluster.New(ctx, "cluster", e.driver, cluster.Args{
		Version: s.Cluster.Version, PublicAccess: s.Cluster.PublicAccess, LogDays: s.Cluster.LogDays,
		Admins: s.Landing.Admins, Viewers: s.Landing.Viewers, Teams: s.Catalog.Groups(s.Cloud), Pools: pools(s), DeleteProtection: s.Cluster.DeleteProtection,
		Network: n.Outputs, Tags: s.Tags("cluster"),
	}, e.options()...)
	if err != nil {
		return err
	}
	b, err := queue.NewBroker(ctx, "broker", e.driver, queue.BrokerArgs{
		Network: n.Outputs, ZoneRedundant: s.Database.MultiZone, Tags: s.Tags("broker"),
	}, e.options()...)
	if err != nil {
		return err
	}
	e.network, e.cluster, e.broker = n.Outputs, c.Outputs, b.Broker
	return nil
}
