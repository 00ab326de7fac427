package azure

// Azure's own roles that the driver assigns, by the ids that they have in every tenant
// (https://learn.microsoft.com/azure/role-based-access-control/built-in-roles).
const (
	// roleBlobWriter reads, writes and deletes blobs: Storage Blob Data Contributor.
	roleBlobWriter = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
	// roleClusterReader reads what is inside a cluster, secrets excepted: Azure Kubernetes Service RBAC Reader.
	roleClusterReader = "7f6c6a51-bcf8-42ba-9220-52d62157d7db"
	// roleKeyUser reads a key's metadata, wraps and unwraps: Key Vault Crypto Service Encryption User.
	roleKeyUser = "e147488a-f6f5-4113-8e2d-b22465e65bf6"
	// roleNetworkContributor manages networks, but does not grant access to them: Network Contributor.
	roleNetworkContributor = "4d97b98b-1d4f-4787-a291-c67834d212e7"
	// roleQueueReceiver receives messages: Azure Service Bus Data Receiver.
	roleQueueReceiver = "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0"
	// roleQueueSender sends messages: Azure Service Bus Data Sender.
	roleQueueSender = "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39"
	// roleSecretReader reads the values of secrets: Key Vault Secrets User.
	roleSecretReader = "4633458b-17de-408a-b874-0445c86b69e6"
)
