// Package builtin knows Azure's own roles, for who assigns them and for who tells of it. It needs no SDK.
package builtin

// Roles that the driver assigns, by the ids that they have in every tenant
// (https://learn.microsoft.com/azure/role-based-access-control/built-in-roles).
const (
	// BlobWriter reads, writes and deletes blobs.
	BlobWriter = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
	// ClusterReader reads what is inside a cluster, secrets excepted.
	ClusterReader = "7f6c6a51-bcf8-42ba-9220-52d62157d7db"
	// ClusterUser fetches the way to a cluster's API.
	ClusterUser = "4abbcc35-e782-43d8-92c5-2d3f1bd2253f"
	// DNSContributor writes the records of a zone.
	DNSContributor = "befefa01-2a29-4197-83a8-272ff33ce314"
	// KeyCryptoUser encrypts and decrypts with a key.
	KeyCryptoUser = "12338af0-0e69-4776-bea7-57ae8d297424"
	// KeyUser reads a key's metadata, wraps and unwraps.
	KeyUser = "e147488a-f6f5-4113-8e2d-b22465e65bf6"
	// NetworkContributor manages networks, but does not grant access to them.
	NetworkContributor = "4d97b98b-1d4f-4787-a291-c67834d212e7"
	// QueueReceiver receives messages.
	QueueReceiver = "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0"
	// QueueSender sends messages.
	QueueSender = "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39"
	// Reader looks and changes nothing.
	Reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
	// SecretReader reads the values of secrets.
	SecretReader = "4633458b-17de-408a-b874-0445c86b69e6"
)

// Cosmos DB has roles of its own for its data
// (https://learn.microsoft.com/azure/cosmos-db/nosql/reference-data-plane-roles).
const (
	// DocumentsReader reads documents and nothing else of an account.
	DocumentsReader = "00000000-0000-0000-0000-000000000001"
	// DocumentsContributor reads and writes documents and nothing else of an account.
	DocumentsContributor = "00000000-0000-0000-0000-000000000002"
)

// Names are Azure's, by id.
var Names = map[string]string{
	BlobWriter:           "Storage Blob Data Contributor",
	ClusterReader:        "Azure Kubernetes Service RBAC Reader",
	ClusterUser:          "Azure Kubernetes Service Cluster User Role",
	DNSContributor:       "DNS Zone Contributor",
	KeyCryptoUser:        "Key Vault Crypto User",
	KeyUser:              "Key Vault Crypto Service Encryption User",
	NetworkContributor:   "Network Contributor",
	QueueReceiver:        "Azure Service Bus Data Receiver",
	QueueSender:          "Azure Service Bus Data Sender",
	Reader:               "Reader",
	SecretReader:         "Key Vault Secrets User",
	DocumentsReader:      "Cosmos DB Built-in Data Reader",
	DocumentsContributor: "Cosmos DB Built-in Data Contributor",
}
