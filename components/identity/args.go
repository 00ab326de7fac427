package identity

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/tags"
)

// Args configures the identity of one service.
type Args struct {
	Service        string
	Namespace      string
	ServiceAccount string
	Cluster        cluster.Outputs // whose pods it is for
	// ByToken lets whoever has a token of the account take the identity on, as the controller of secrets does for a
	// service whose secrets it fetches. Without it only the pods themselves may.
	ByToken bool
	Rights  Rights
	Tags    tags.Set
}

// Rights are what an identity will be given, by the role of what each is on, which is unique within the service:
// "topic-order-placed".
type Rights map[string]Action

// Outputs is what resource policies and grants need of an identity.
type Outputs struct {
	// Principal is what a resource policy names (an ARN, a member, an object id).
	Principal pulumi.StringOutput
	// Name is the identity's own name, to which grants attach.
	Name pulumi.StringOutput
	// ServiceAccount is the pods' account.
	ServiceAccount string
	// Annotations of the pods' account, by which the cloud's agent knows the identity.
	Annotations pulumi.StringMap
	// PodLabels are those that the pods must bear for the agent to serve them; none where it asks for none.
	PodLabels map[string]string
	// Details are what only the same cloud's driver reads, under names of its own.
	Details map[string]pulumi.StringOutput
}

// Action is what a service may do with one resource.
type Action string

// The actions. Each driver maps an action on a kind to the cloud's permissions.
const (
	Publish   Action = "publish"    // to a topic
	Consume   Action = "consume"    // from a queue
	ReadWrite Action = "read-write" // a document table
	Connect   Action = "connect"    // to a database as the service's own user
	Read      Action = "read"       // a secret

	Store Action = "store" // objects in a bucket: read, written, listed and deleted

	// Of the platform's own controllers, on the environment's zone of names.
	ProveNames    Action = "prove-names"    // by text records
	ManageRecords Action = "manage-records" // of every kind, in a zone that is found by looking

	// Of what scales consumers.
	Observe Action = "observe" // how many messages wait in a queue, but none of them
)

// On is the resource that a right is on.
type On struct {
	Role     string              // that of the right
	Resource pulumi.StringOutput // the resource's cloud identifier
	Key      pulumi.StringOutput // the key's cloud identifier; zero value where there is none of its own
	HasKey   bool
}

// Grant allows one action on one resource and the use of the key that encrypts it.
type Grant struct {
	On

	Action Action
}

// GrantsArgs is everything that one identity may do, as a driver is told.
type GrantsArgs struct {
	Service  string
	Identity Outputs
	Grants   []Grant
	Tags     tags.Set
}
