package azure

// controlPlaneLogs are all that AKS offers but one: kube-audit holds kube-audit-admin, and every look besides
// (https://learn.microsoft.com/azure/aks/monitor-aks-reference#resource-logs).
var controlPlaneLogs = []string{
	"kube-apiserver", "kube-audit-admin", "kube-controller-manager", "kube-scheduler", "cluster-autoscaler",
	"cloud-controller-manager", "guard", "csi-azuredisk-controller", "csi-snapshot-controller",
}
