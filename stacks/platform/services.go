package platform

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/database"
	"platform/components/documents"
	"platform/components/identity"
	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/tenancy"
	"platform/components/queue"
	"platform/components/secret"
	"platform/stacks/catalog"
)

// service is what was built for one entry of the catalogue.
type service struct {
	identity *identity.Identity
	place    *tenancy.Component
	queues   map[string]queue.Scaler // by event
	database *database.Outputs
	on       []identity.On // what its rights are on
	outputs  pulumi.Map
	// told is what the service's pods are told of it, by key; secrets are where those of the catalogue come from.
	told    map[string]pulumi.StringInput
	secrets map[string]bridge.Source
	ready   []pulumi.Resource // what must stand before its first pod does
}

// The roles of what a service's rights are on.
const onDatabase, onDocuments = "database", "documents"

func onTopic(event string) string { return "topic-" + event }

func onQueue(event string) string { return "queue-" + event }

func onSecret(name string) string { return "secret-" + name }

// rights are what the catalogue gives a service.
func rights(entry catalog.Service) identity.Rights {
	out := identity.Rights{}
	for _, event := range entry.Publishes {
		out[onTopic(event)] = identity.Publish
	}
	for _, event := range entry.Consumes {
		out[onQueue(event)] = identity.Consume
	}
	if entry.Database != nil {
		out[onDatabase] = identity.Connect
	}
	if entry.Documents {
		out[onDocuments] = identity.ReadWrite
	}
	for _, name := range entry.Secrets {
		out[onSecret(name)] = identity.Read
	}
	return out
}

// buildIdentities comes first: the policies of topics, queues and keys name the roles. What a role's rights
// are on is told last, when there is something to name; so there is no circle between the two.
func (e *environment) buildIdentities(ctx *pulumi.Context) error {
	for _, name := range e.settings.Catalog.Names() {
		made, err := identity.New(ctx, "identity-"+name, e.driver, identity.Args{
			Service: name, Namespace: name, ServiceAccount: name, Cluster: e.cluster,
			ByToken: len(e.settings.Catalog.Services[name].Secrets) > 0, Rights: rights(e.settings.Catalog.Services[name]),
			Tags: e.settings.ServiceTags(name),
		}, e.options()...)
		if err != nil {
			return err
		}
		e.services[name] = &service{
			identity: made, queues: map[string]queue.Scaler{}, outputs: pulumi.Map{"identity": made.Outputs.Principal},
			told: e.common(name), secrets: map[string]bridge.Source{},
		}
	}
	return nil
}

// buildEvents builds a topic for each event and a queue for each of its consumers. A topic belongs to
// who publishes, a queue to who receives.
func (e *environment) buildEvents(ctx *pulumi.Context) error {
	s := e.settings
	for _, event := range s.Catalog.Events() {
		publisher, _ := s.Catalog.Publisher(event)
		consumers := map[string]queue.Consumer{}
		for _, name := range s.Catalog.Consumers(event) {
			consumers[name] = queue.Consumer{Identity: e.services[name].identity.Outputs, Tags: s.ServiceTags(name)}
		}
		made, err := queue.New(ctx, "queue-"+event, e.driver, queue.Args{
			Event: event, Publisher: e.services[publisher].identity.Outputs, Consumers: consumers,
			RetentionDays: s.Queue.RetentionDays, MaxReceives: s.Queue.MaxReceives, VisibilitySec: s.Queue.VisibilitySec,
			Broker: e.broker, Observer: e.observer.identity, Tags: s.ServiceTags(publisher),
		}, e.options()...)
		if err != nil {
			return err
		}
		e.give(publisher, onTopic(event), made.Outputs.TopicID, made.Outputs.KeyID)
		e.services[publisher].outputs[onTopic(event)] = made.Outputs.TopicID
		e.tell(publisher, made.Outputs.TopicID, "topic", event)
		for _, name := range slices.Sorted(maps.Keys(consumers)) {
			e.give(name, onQueue(event), made.Outputs.Queues[name].ID, made.Outputs.KeyID)
			e.services[name].outputs[onQueue(event)] = made.Outputs.Queues[name].URL
			e.tell(name, made.Outputs.Queues[name].URL, "queue", event, "url")
			e.services[name].queues[event] = made.Outputs.Queues[name].Scaler
			e.observe(event, name, made.Outputs.Queues[name].ID)
		}
		e.queues = append(e.queues, watchedQueues(s, event, made.Outputs)...)
	}
	return nil
}

// buildStores builds the databases, tables and secrets that services ask for.
func (e *environment) buildStores(ctx *pulumi.Context) error {
	s := e.settings
	for _, name := range s.Catalog.Names() {
		entry, built := s.Catalog.Services[name], e.services[name]
		if asked := entry.Database; asked != nil {
			made, err := database.New(ctx, "database-"+name, e.driver, database.Args{
				Service: name, Size: asked.Size, Version: s.Database.Version, StorageGiB: s.Database.StorageGiB,
				MultiZone: s.Database.MultiZone, DeleteProtection: s.Database.DeleteProtection,
				FinalSnapshot: s.Database.FinalSnapshot, BackupDays: s.Database.BackupDays,
				MaxPods: s.Pods(name), ConnectionsPerPod: asked.ConnectionsPerPod, Identity: built.identity.Outputs,
				Network: e.network, ClientSecurityGroup: e.cluster.NodeSecurityGroup, Tags: s.ServiceTags(name),
			}, e.options()...)
			if err != nil {
				return err
			}
			built.database = &made.Outputs
			built.on = append(built.on, identity.On{Role: onDatabase, Resource: made.Outputs.ConnectID})
			built.outputs["databaseHost"] = made.Outputs.Host
			e.tell(name, made.Outputs.Host, "database", "host")
			e.tell(name, pulumi.Sprintf("%d", made.Outputs.Port), "database", "port")
			e.tell(name, pulumi.String(database.Name), "database", "name")
			e.tell(name, pulumi.String(made.Outputs.User), "database", "user")
		}
		if entry.Documents {
			made, err := documents.New(ctx, "documents-"+name, e.driver, documents.Args{
				Service: name, DeleteProtection: s.Documents.DeleteProtection, Network: e.network, Tags: s.ServiceTags(name),
			}, e.options()...)
			if err != nil {
				return err
			}
			e.give(name, onDocuments, made.Outputs.ID, made.Outputs.KeyID)
			built.outputs["documents"] = made.Outputs.Name
			e.tell(name, made.Outputs.Name, "documents", "table")
		}
		for _, wanted := range entry.Secrets {
			made, err := secret.New(ctx, "secret-"+name+"-"+wanted, e.driver, secret.Args{
				Service: name, Name: wanted, Identity: built.identity.Outputs, Network: e.network, Tags: s.ServiceTags(name),
			}, e.options()...)
			if err != nil {
				return err
			}
			e.give(name, onSecret(wanted), made.Outputs.ID, made.Outputs.KeyID)
			built.outputs[onSecret(wanted)] = made.Outputs.ID
			built.secrets[wanted] = bridge.Source{Store: made.Outputs.Store, Key: made.Outputs.Key}
		}
	}
	return nil
}

// give says what a service's right is on.
func (e *environment) give(service, role string, on, key pulumi.StringOutput) {
	built := e.services[service]
	built.on = append(built.on, identity.On{Role: role, Resource: on, Key: key, HasKey: true})
}

// buildGrants gives each service exactly what the catalogue gives it.
func (e *environment) buildGrants(ctx *pulumi.Context) error {
	for _, name := range e.settings.Catalog.Names() {
		if err := e.services[name].identity.Give(ctx, e.services[name].on...); err != nil {
			return err
		}
	}
	return nil
}

func (e *environment) serviceOutputs() pulumi.Map {
	out := pulumi.Map{}
	for name, built := range e.services {
		out[name] = built.outputs
	}
	return out
}
