package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/alarms"
	"platform/components/cluster"
	"platform/components/database"
	"platform/components/documents"
	"platform/components/gateway"
	"platform/components/guardrails"
	"platform/components/identity"
	"platform/components/kubernetes/certificates"
	"platform/components/kubernetes/dns"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/headroom"
	"platform/components/kubernetes/karpenter"
	"platform/components/kubernetes/priority"
	"platform/components/kubernetes/scaling"
	"platform/components/kubernetes/secrets"
	"platform/components/kubernetes/storage"
	"platform/components/kubernetes/tenancy"
	"platform/components/network"
	"platform/components/queue"
	"platform/components/secret"
	"platform/components/tags"
	"platform/components/trail"
	"platform/components/zone"
	"platform/stacks/platform"
	"platform/tests/checks"
	"platform/tests/rehearsal"
)

// builder builds one thing after the other on a site, as the composition of an environment does.
type builder struct {
	site
	ctx  *pulumi.Context
	d    platform.Driver
	opts []pulumi.ResourceOption

	// network and cluster are nil until something needs them.
	network *network.Outputs
	cluster *cluster.Outputs
	// observer of queues; its zero value is nobody.
	observer identity.Outputs
	// doors says that the internet comes in by load balancers of the cluster.
	doors bool
}

// contracts is the one table that runs on every cloud: what is built, the capabilities that it proves, and the
// outputs that are the same wherever it is built.
var contracts = []struct {
	name   string
	proves []string
	build  func(b *builder) (pulumi.Map, error)
}{
	{"network", []string{"N1", "N2", "N3", "N4"}, (*builder).buildNetwork},
	{"cluster", []string{"K1", "K2", "S1"}, (*builder).buildCluster},
	{"inside", []string{"K3", "T1", "T2", "T3", "T4", "A1"}, (*builder).buildInside},
	{"controllers", []string{"K3"}, (*builder).buildControllers},
	{"mesh", []string{"Z1", "Z2"}, (*builder).buildMesh},
	{"delivery", []string{"V1"}, (*builder).buildDelivery},
	{"monitoring", []string{"O1"}, (*builder).buildMonitoring},
	{"alerting", []string{"O3"}, (*builder).buildAlerting},
	{"watched by Datadog", []string{"O1", "O3"}, (*builder).buildDatadog},
	{"messaging", []string{"Q1"}, (*builder).buildMessaging},
	{"backpressure", []string{"Q3"}, (*builder).buildBackpressure},
	{"trail", []string{"S3"}, (*builder).buildTrail},
	{"locked trail", []string{"S3"}, (*builder).buildLockedTrail},
	{"data", []string{"D1", "D2", "D4"}, (*builder).buildData},
	{"objects", []string{"O2"}, (*builder).buildObjects},
	{"doors", []string{"G1", "G3", "G4", "O6"}, (*builder).buildDoors},
	{"doors and what they lead to", []string{"G3"}, (*builder).buildIngress},
	{"doors in the cluster", []string{"G2"}, (*builder).buildKong},
	{"guardrails", []string{"C3"}, (*builder).buildGuardrails},
}

// TestContracts proves every contract on every cloud: it comes up, a second run changes nothing, a refresh finds
// nothing, it goes without a rest, and comes up the same again; and what stands is as it must be.
func TestContracts(t *testing.T) {
	t.Parallel()
	for _, s := range sites {
		for _, c := range contracts {
			t.Run(s.cloud+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				e := s.open(t, func(ctx *pulumi.Context, d platform.Driver, opts ...pulumi.ResourceOption) error {
					outputs, err := c.build(&builder{site: s, ctx: ctx, d: d, opts: opts})
					for name, output := range outputs {
						ctx.Export(name, output)
					}
					return err
				})
				// Nothing is known yet, not even what the driver itself builds on.
				if _, err := e.Preview(t.Context()); err != nil {
					t.Fatal(err)
				}
				built := lifecycle(t, e)
				for _, f := range checks.All(built, e.Cloud.Taggable) {
					t.Error(f)
				}
				descends(t, e)
			})
		}
	}
}

// descends wants every resource but components and providers to have a component above it, and secrets to be
// secret from there on.
func descends(t *testing.T, e *rehearsal.Environment) {
	t.Helper()
	state, err := e.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var deployment apitype.DeploymentV3
	if err := json.Unmarshal(state.Deployment, &deployment); err != nil {
		t.Fatal(err)
	}
	for _, r := range deployment.Resources {
		if r.Type == resource.RootStackType {
			for name, value := range r.Outputs {
				if text, ok := value.(string); !ok || text == "" {
					t.Errorf("the output %s is %v", name, value)
				}
			}
		}
		if r.Custom && r.Parent.QualifiedType() == resource.RootStackType && !strings.HasPrefix(string(r.Type), "pulumi:providers:") {
			t.Errorf("%s has no component above it", r.URN)
		}
		if kubeconfig, ok := r.Outputs["kubeconfig"]; ok && r.Type == cluster.Type {
			if _, sealed := kubeconfig.(map[string]any); !sealed {
				t.Errorf("the kubeconfig of %s is not a secret", r.URN)
			}
		}
	}
}

func (b *builder) buildNetwork() (pulumi.Map, error) {
	if err := b.needNetwork(); err != nil {
		return nil, err
	}
	return pulumi.Map{"network": b.network.ID}, nil
}

// needNetwork builds a network that can do all that its cloud offers, once.
func (b *builder) needNetwork() error {
	if b.network != nil {
		return nil
	}
	offer := b.d.NetworkOffer()
	made, err := network.New(b.ctx, "network", b.d, network.Args{
		CIDR: netip.MustParsePrefix("10.16.0.0/16"), Zones: b.zones, NAT: offer.NATs[len(offer.NATs)-1], Endpoints: offer.Endpoints,
		FlowLogDays: 30, Doors: b.doors, Tags: owned,
	}, b.opts...)
	if err != nil {
		return err
	}
	b.network = &made.Outputs
	for tier, subnets := range map[string][]network.Subnet{
		"public": b.network.PublicSubnets, "private": b.network.PrivateSubnets, "data": b.network.DataSubnets,
	} {
		if len(subnets) != len(b.zones) && (len(subnets) != 1 || subnets[0].Zone != network.AllZones) {
			return fmt.Errorf("the %s tier has %d subnets, want one in each zone or one that spans them", tier, len(subnets))
		}
	}
	return nil
}

func (b *builder) buildCluster() (pulumi.Map, error) {
	if err := b.needCluster(); err != nil {
		return nil, err
	}
	who, err := b.identity("orders", nil)
	if err != nil {
		return nil, err
	}
	return pulumi.Map{"cluster": b.cluster.Name, "issuer": b.cluster.WorkloadIssuer, "identity": who.Outputs.Principal}, nil
}

// pools can be had on every cloud.
var pools = map[string]cluster.Pool{
	"system":  {Size: cluster.Small, Capacity: cluster.OnDemand, Min: 2, Max: 2, System: true, DiskGiB: 50},
	"general": {Size: cluster.Medium, Capacity: cluster.OnDemand, Min: 0, Max: 6, DiskGiB: 50},
	"spot":    {Size: cluster.Medium, Capacity: cluster.Spot, Min: 0, Max: 6, DiskGiB: 50},
}

// needCluster builds a cluster in the network, once.
func (b *builder) needCluster() error {
	if b.cluster != nil {
		return nil
	}
	if err := b.needNetwork(); err != nil {
		return err
	}
	made, err := cluster.New(b.ctx, "cluster", b.d, cluster.Args{
		Version: "1.33", LogDays: 30, Tags: owned, Network: *b.network, Admins: []string{b.admin}, Viewers: []string{b.viewer}, Teams: map[string]string{"orders": b.team},
		Pools: pools,
	}, b.opts...)
	if err != nil {
		return err
	}
	b.cluster = &made.Outputs
	return nil
}

// inside leads into the cluster.
func (b *builder) inside() (pulumi.ResourceOption, error) {
	provider, err := kubernetes.NewProvider(b.ctx, "kubernetes", &kubernetes.ProviderArgs{
		Kubeconfig: b.cluster.Kubeconfig, DeleteUnreachable: pulumi.Bool(true),
	}, pulumi.DependsOn(b.cluster.Nodes))
	if err != nil {
		return nil, err
	}
	return pulumi.Providers(provider), nil
}

// buildInside puts the first objects into the cluster: storage, priorities, and the place of a service
// with its flows and its scaling.
func (b *builder) buildInside() (pulumi.Map, error) {
	if err := b.needCluster(); err != nil {
		return nil, err
	}
	who, err := b.identity("orders", nil)
	if err != nil {
		return nil, err
	}
	inside, err := b.inside()
	if err != nil {
		return nil, err
	}
	if _, err := storage.New(b.ctx, "storage", storage.Args{Class: b.cluster.StorageClass, Tags: owned}, inside); err != nil {
		return nil, err
	}
	classes, err := priority.New(b.ctx, "priority", priority.Args{Tags: owned}, inside)
	if err != nil {
		return nil, err
	}
	group := b.cluster.TeamGroups["orders"]
	if group == "" {
		return nil, fmt.Errorf("the cluster names no group of the team orders")
	}
	made, err := tenancy.New(b.ctx, "tenancy", tenancy.Args{
		Service: "orders", Pods: 3, MilliCPU: 100, MemoryMiB: 128, Group: group, Annotations: who.Outputs.Annotations, Tags: owned,
	}, inside)
	if err != nil {
		return nil, err
	}
	ways := map[string]network.Way{"identity": b.cluster.Identity, "internet": network.OverInternet(443)}
	for _, endpoint := range b.d.NetworkOffer().Endpoints {
		ways[string(endpoint)] = b.network.Ways[endpoint]
	}
	_, err = flows.Open(b.ctx, "tenancy", flows.Args{
		Service: "orders", Namespace: made.Outputs.Namespace, Calls: []string{"payments"}, CalledBy: []string{"shop"}, Routed: true,
		Ways: ways, Tags: owned,
	}, made)
	if err != nil {
		return nil, err
	}
	grown := scaling.Args{
		Service: "orders", Namespace: made.Outputs.Namespace, Min: 1, Max: 3, CPU: 65, Startup: 30 * time.Second,
		Peak: &scaling.Peak{Factor: 3, Within: time.Minute}, Tags: owned,
	}
	if err := scaling.Set(b.ctx, "tenancy", grown, made); err != nil {
		return nil, err
	}
	roomy, err := b.nodes(inside)
	if err != nil {
		return nil, err
	}
	_, err = headroom.New(b.ctx, "headroom", headroom.Args{
		Rooms:    map[string]headroom.Room{"orders": {Pods: grown.Headroom(), MilliCPU: 100, MemoryMiB: 128, Tags: owned}},
		Priority: priority.Headroom, After: slices.Concat(classes.Ready, roomy), Tags: owned,
	}, inside)
	return pulumi.Map{"namespace": made.Outputs.Namespace}, err
}

// buildControllers puts the controllers of secrets, certificates and names into the cluster. The two that write into the
// zone of names do so as themselves.
func (b *builder) buildControllers() (pulumi.Map, error) {
	if err := b.needCluster(); err != nil {
		return nil, err
	}
	inside, err := b.inside()
	if err != nil {
		return nil, err
	}
	made, err := b.controllers(inside)
	if err != nil {
		return nil, err
	}
	return pulumi.Map{"issuers": pulumi.String(strings.Join(made.signs.Issuers, " ")), "writer": made.writer.Principal}, nil
}

// controllers are those that serve all in a cluster.
type controllers struct {
	signs   *certificates.Component
	names   *dns.Component
	secrets *secrets.Component
	writer  identity.Outputs
}

func (b *builder) controllers(inside pulumi.ResourceOption) (made controllers, err error) {
	if made.secrets, err = secrets.New(b.ctx, "secrets", secrets.Args{Replicas: 1, Around: b.around(network.EndpointSecrets), Tags: owned}, inside); err != nil {
		return made, err
	}
	at, who := map[string]zone.Outputs{}, map[string]*identity.Identity{}
	for name, action := range map[string]identity.Action{certificates.Account: identity.ProveNames, dns.Account: identity.ManageRecords} {
		if who[name], err = b.identity(name, identity.Rights{"zone": action}); err != nil {
			return made, err
		}
		if at[name], err = b.d.DescribeZone(zone.Args{Domain: domain, Zone: b.dnsZone, Identity: who[name].Outputs}); err != nil {
			return made, err
		}
		if err := who[name].Give(b.ctx, identity.On{Role: "zone", Resource: at[name].ID}); err != nil {
			return made, err
		}
	}
	proves, publishes := who[certificates.Account].Outputs, who[dns.Account].Outputs
	made.writer = publishes
	made.signs, err = certificates.New(b.ctx, "certificates", certificates.Args{Replicas: 1, Around: b.around(), Tags: owned, Public: &certificates.Authority{
		Server: "https://acme.example.com/directory", Email: "platform@example.com", Domain: domain,
		Solver: at[certificates.Account].Solver, Annotations: proves.Annotations, Labels: proves.PodLabels,
	}}, inside)
	if err != nil {
		return made, err
	}
	made.names, err = dns.New(b.ctx, "dns", dns.Args{
		Domain: domain, Owner: "dev", Publisher: at[dns.Account].Publisher, Annotations: publishes.Annotations, Labels: publishes.PodLabels,
		Around: b.around(), Tags: owned,
	}, inside)
	return made, err
}

// nodes makes those of services where the cloud's own groups of machines do not grow.
func (b *builder) nodes(inside pulumi.ResourceOption) ([]pulumi.Resource, error) {
	if b.cluster.Provisioner == nil {
		return nil, nil
	}
	serving := maps.Clone(pools)
	delete(serving, "system")
	return provision(b.ctx, *b.cluster, 1, serving, inside)
}

// provision lets Karpenter make the nodes of some pools, which pods come after.
func provision(
	ctx *pulumi.Context, of cluster.Outputs, replicas int, pools map[string]cluster.Pool, inside pulumi.ResourceOption,
) ([]pulumi.Resource, error) {
	made, err := karpenter.New(ctx, "nodes", karpenter.Args{
		Replicas: replicas, Cloud: *of.Provisioner, Pools: pools, Around: flows.Around{API: of.API, Ways: of.Provisioner.Ways}, Tags: owned,
	}, inside)
	if err != nil {
		return nil, err
	}
	return made.Pools, nil
}

// around is what is around a part of the platform's own that reaches its identity and the cloud.
func (b *builder) around(endpoints ...network.Endpoint) flows.Around {
	ways := map[string]network.Way{"identity": b.cluster.Identity, "others": b.network.Others}
	for _, endpoint := range endpoints {
		ways[string(endpoint)] = b.network.Ways[endpoint]
	}
	return flows.Around{API: b.cluster.API, Ways: ways}
}

func (b *builder) buildTrail() (pulumi.Map, error) { return b.trail(false) }

func (b *builder) buildLockedTrail() (pulumi.Map, error) { return b.trail(true) }

func (b *builder) trail(lock bool) (pulumi.Map, error) {
	made, err := trail.New(b.ctx, "trail", b.d, trail.Args{Days: 30, Lock: lock, Tags: owned}, b.opts...)
	if err != nil {
		return nil, err
	}
	out := made.Outputs
	return pulumi.Map{"store": out.Store, "trail": out.Trail, "detection": pulumi.String(string(out.Detection))}, nil
}

func (b *builder) identity(service string, rights identity.Rights) (*identity.Identity, error) {
	return identity.New(b.ctx, "identity-"+service, b.d, identity.Args{
		Service: service, Namespace: service, ServiceAccount: service, Cluster: *b.cluster, Rights: rights, Tags: owned.With(tags.Service, service),
	}, b.opts...)
}

func (b *builder) buildMessaging() (pulumi.Map, error) {
	event, err := b.messaging()
	if err != nil {
		return nil, err
	}
	return pulumi.Map{"topic": event.TopicID, "queue": event.Queues["payments"].URL}, nil
}

// messaging builds an event that goes from orders to payments.
func (b *builder) messaging() (queue.Outputs, error) {
	if err := b.needCluster(); err != nil {
		return queue.Outputs{}, err
	}
	broker, err := queue.NewBroker(b.ctx, "broker", b.d, queue.BrokerArgs{Network: *b.network, Tags: owned}, b.opts...)
	if err != nil {
		return queue.Outputs{}, err
	}
	publisher, err := b.identity("shop", identity.Rights{"topic-order-placed": identity.Publish})
	if err != nil {
		return queue.Outputs{}, err
	}
	consumer, err := b.identity("payments", identity.Rights{"queue-order-placed": identity.Consume})
	if err != nil {
		return queue.Outputs{}, err
	}
	event, err := queue.New(b.ctx, "order-placed", b.d, queue.Args{
		Event: "order-placed", Publisher: publisher.Outputs, RetentionDays: 4, MaxReceives: 5, VisibilitySec: 60, Broker: broker.Broker, Tags: owned,
		Consumers: map[string]queue.Consumer{"payments": {Identity: consumer.Outputs, Tags: owned.With(tags.Service, "payments")}}, Observer: b.observer,
	}, b.opts...)
	if err != nil {
		return queue.Outputs{}, err
	}
	if err := publisher.Give(b.ctx, identity.On{
		Role: "topic-order-placed", Resource: event.Outputs.TopicID, Key: event.Outputs.KeyID, HasKey: true,
	}); err != nil {
		return queue.Outputs{}, err
	}
	return event.Outputs, consumer.Give(b.ctx, identity.On{
		Role: "queue-order-placed", Resource: event.Outputs.Queues["payments"].ID, Key: event.Outputs.KeyID, HasKey: true,
	})
}

func (b *builder) buildData() (pulumi.Map, error) {
	db, err := b.database()
	if err != nil {
		return nil, err
	}
	who, err := b.identity("reports", identity.Rights{
		"documents": identity.ReadWrite, "secret-api-key": identity.Read, "secret-licence": identity.Read,
	})
	if err != nil {
		return nil, err
	}
	table, err := documents.New(b.ctx, "documents", b.d, documents.Args{Service: "reports", Network: *b.network, Tags: owned}, b.opts...)
	if err != nil {
		return nil, err
	}
	on := []identity.On{{Role: "documents", Resource: table.Outputs.ID, Key: table.Outputs.KeyID, HasKey: true}}
	for _, name := range []string{"api-key", "licence"} {
		filled := name == "api-key"
		made, err := secret.New(b.ctx, "secret-"+name, b.d, secret.Args{
			Service: "reports", Name: name, Identity: who.Outputs, Network: *b.network, Tags: owned,
			HasValue: filled, Value: pulumi.String(planted).ToStringOutput(),
		}, b.opts...)
		if err != nil {
			return nil, err
		}
		on = append(on, identity.On{Role: "secret-" + name, Resource: made.Outputs.ID, Key: made.Outputs.KeyID, HasKey: true})
	}
	return pulumi.Map{"host": db.Host, "documents": table.Outputs.Name}, who.Give(b.ctx, on...)
}

// database builds the server of a service, with the pooler that its connections ask for.
func (b *builder) database() (database.Outputs, error) {
	if err := b.needCluster(); err != nil {
		return database.Outputs{}, err
	}
	owner, err := b.identity("ledger", identity.Rights{"database": identity.Connect})
	if err != nil {
		return database.Outputs{}, err
	}
	offer := b.d.DatabaseOffer()
	made, err := database.New(b.ctx, "database", b.d, database.Args{
		Service: "ledger", Size: cluster.Medium, Version: "16", StorageGiB: max(32, offer.StorageGiB.Least), MultiZone: true,
		BackupDays: max(7, offer.BackupDays.Least), MaxPods: 3, ConnectionsPerPod: 10, Identity: owner.Outputs, Network: *b.network,
		ClientSecurityGroup: b.cluster.NodeSecurityGroup, Tags: owned,
	}, b.opts...)
	if err != nil {
		return database.Outputs{}, err
	}
	if len(made.Outputs.Way.Ports) != 1 || made.Outputs.Way.Internet {
		return database.Outputs{}, fmt.Errorf("the way to the database is %v, want one port of private ranges", made.Outputs.Way)
	}
	return made.Outputs, owner.Give(b.ctx, identity.On{Role: "database", Resource: made.Outputs.ConnectID})
}

func (b *builder) buildDoors() (pulumi.Map, error) {
	event, err := b.messaging()
	if err != nil {
		return nil, err
	}
	db, err := b.database()
	if err != nil {
		return nil, err
	}
	audiences := map[string]gateway.Audience{
		"mobile": {Auth: gateway.JWT, Issuer: "https://login.example.com/", Audiences: []string{"app"}},
		"staff":  {Auth: gateway.JWT, Issuer: "https://staff.example.com/", Audiences: []string{"admin"}},
	}
	if slices.Contains(b.d.GatewayOffer().Auths, gateway.MutualTLS) {
		store, err := authorityPEM()
		if err != nil {
			return nil, err
		}
		audiences["partner"] = gateway.Audience{Auth: gateway.MutualTLS, TrustStore: store}
	}
	doors, err := gateway.New(b.ctx, "gateway", b.d, gateway.Args{
		Domain: domain, Zone: b.dnsZone, Certificate: b.certificate, LogDays: 30, Tags: owned, Cluster: *b.cluster, Network: *b.network,
		Audiences: audiences,
		Routes: []gateway.Route{
			{Service: "payments", Path: "/payments", Audiences: []string{"mobile", "staff"}, Rate: 200, Burst: 400},
			{Service: "ledger", Path: "/ledger", Audiences: []string{"staff"}, Rate: 5, Burst: 5},
		},
	}, b.opts...)
	if err != nil {
		return nil, err
	}
	messages := event.Queues["payments"]
	_, err = alarms.New(b.ctx, "alarms", b.d, alarms.Args{
		Tags: owned, Bounds: alarms.Bounds{QueueMinutes: 10}.Complete(),
		Teams: map[string]alarms.Team{"orders": {Email: "orders@example.com", Tags: owned}, "platform": {Email: "platform@example.com", Tags: owned}},
		Databases: map[string]alarms.Database{"ledger": {
			Team: "orders", Name: db.Name, ConnectionLimit: 400, StorageGiB: 32, BurstCredits: db.BurstCredits, Standby: true, Tags: owned,
		}},
		Queues:  map[string]alarms.Queue{"order-placed-payments": {Team: "orders", Name: messages.Name, DeadLetterName: messages.DeadLetterName, Tags: owned}},
		APIs:    map[string]alarms.API{"mobile": {Team: "platform", ID: doors.Outputs.APIs["mobile"], Tags: owned}},
		Cluster: &alarms.Cluster{Team: "platform", Name: b.cluster.Name, Groups: b.cluster.PoolGroups, Tags: owned},
		Quotas:  &alarms.Quotas{Team: "platform", Percent: alarms.QuotaPercent, Tags: owned},
	}, b.opts...)
	return pulumi.Map{"mobile": doors.Outputs.Endpoints["mobile"], "staff": doors.Outputs.Endpoints["staff"]}, err
}

// buildGuardrails refuses what can be refused, beside documents that it must let pass.
func (b *builder) buildGuardrails() (pulumi.Map, error) {
	if err := b.needNetwork(); err != nil {
		return nil, err
	}
	made, err := guardrails.New(b.ctx, "guardrails", b.d, guardrails.Args{
		Refuse: true, Regions: []string{b.region}, BackupDays: 7, LogDays: 30, Tags: owned,
	}, b.opts...)
	if err != nil {
		return nil, err
	}
	held, err := documents.New(b.ctx, "orders", b.d, documents.Args{
		Service: "orders", Network: *b.network, Tags: owned.With(tags.Service, "orders"),
	}, append(b.opts, pulumi.DependsOn([]pulumi.Resource{made}))...)
	if err != nil {
		return nil, err
	}
	return pulumi.Map{"documents": held.Outputs.Name}, nil
}
