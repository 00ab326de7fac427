package azure

// More of Azure's own roles, which clusters need
// (https://learn.microsoft.com/azure/role-based-access-control/built-in-roles).
const (
	// roleClusterUser fetches the way to a cluster's API: Azure Kubernetes Service Cluster User Role.
	roleClusterUser = "4abbcc35-e782-43d8-92c5-2d3f1bd2253f"
	// roleKeyCryptoUser encrypts and decrypts with a key: Key Vault Crypto User.
	roleKeyCryptoUser = "12338af0-0e69-4776-bea7-57ae8d297424"
	// roleReader looks and changes nothing: Reader.
	roleReader = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
)
