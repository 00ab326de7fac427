package azure

// The types that more than one service's rules look at.
const (
	groupType    = "azure-native:resources:ResourceGroup"
	identityType = "azure-native:managedidentity:UserAssignedIdentity"
	keyType      = "azure-native:keyvault:Key"
	networkType  = "azure-native:network:VirtualNetwork"
	storageType  = "azure-native:storage:StorageAccount"
	subnetType   = "azure-native:network:Subnet"
	vaultType    = "azure-native:keyvault:Vault"
)
