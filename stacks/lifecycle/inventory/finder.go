package inventory

import (
	"context"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// Finder finds what a lost create made, by what the cloud lists: the thing of the resource's type that bears its name, or all the
// tags that the create asked for. A cloud whose ids are not in what it lists has none for a resource: its create is done anew, and
// the cloud itself refuses a second one of a name that is taken.
type Finder struct {
	Inventory Inventory
	// ID turns the cloud's name of a thing into the provider's id; false if it is not of the resource's type.
	ID func(r apitype.ResourceV3, item Item) (string, bool)

	items []Item
}

// FinderOf is the finder of a cloud.
func FinderOf(cloud string, i Inventory) (*Finder, error) {
	id, ok := providerIDs[cloud]
	if !ok {
		return nil, fmt.Errorf("this command was built without cloud %s", cloud)
	}
	return &Finder{Inventory: i, ID: id}, nil
}

// Find lists the ids of what may be the resource's.
func (f *Finder) Find(ctx context.Context, r apitype.ResourceV3) ([]string, error) {
	if strings.HasPrefix(string(r.Type), "kubernetes:") {
		// An object's id is its name, and a second create of one says that it exists: the provider takes it over.
		return nil, nil
	}
	if f.items == nil {
		items, _, err := f.Inventory.List(ctx)
		if err != nil {
			return nil, err
		}
		f.items = items
	}
	var out []string
	for _, item := range f.items {
		if id, ok := f.ID(r, item); ok && matches(r, item) {
			out = append(out, id)
		}
	}
	return out, nil
}

// nameInputs are the properties by which providers are told what a thing is called.
var nameInputs = []string{
	"name", "identifier", "bucket", "clusterName", "resourceName", "vaultName", "accountName", "serverName", "namespaceName", "serviceName",
	"virtualNetworkName", "publicIpAddressName", "networkSecurityGroupName", "natGatewayName", "workspaceName", "resourceGroupName", "accountId", "secretId",
}

// matches says whether a thing is what was asked for: by its own name where one was asked for, else by every tag. Both are the
// program's, which names nothing twice.
func matches(r apitype.ResourceV3, item Item) bool {
	last := item.ID[strings.LastIndexAny(item.ID, "/:")+1:]
	for _, key := range nameInputs {
		if name, ok := r.Inputs[key].(string); ok && name != "" && strings.EqualFold(name, last) {
			return true
		}
	}
	asked := map[string]any{}
	for _, key := range []string{"tagsAll", "tags", "labels"} {
		if tags, ok := r.Inputs[key].(map[string]any); ok && len(tags) > 0 {
			asked = tags
			break
		}
	}
	if len(asked) == 0 || asked["Name"] == nil {
		return false // tags without a name are those of many
	}
	for key, value := range asked {
		if item.Tags[key] != value {
			return false
		}
	}
	return true
}

// providerIDs are the clouds'.
var providerIDs = map[string]func(apitype.ResourceV3, Item) (string, bool){
	"aws": func(r apitype.ResourceV3, item Item) (string, bool) {
		// A type such as aws:ec2/vpc:Vpc is a service and a kind, and so is an ARN's ec2:vpc.
		module, kind := moduleOf(string(r.Type))
		service, of, ok := strings.Cut(item.Type, ":")
		if !ok {
			of = kind
		}
		if !alike(service, module) || !alike(of, kind) {
			return "", false
		}
		if byARN[module] {
			return item.ID, true
		}
		return item.ID[strings.LastIndexAny(item.ID, "/:")+1:], true
	},
	"azure": func(r apitype.ResourceV3, item Item) (string, bool) {
		// microsoft.network/virtualnetworks is azure-native:network:VirtualNetwork.
		module, kind := moduleOf(string(r.Type))
		provider, of, _ := strings.Cut(strings.ToLower(item.Type), "/")
		return item.ID, strings.TrimPrefix(provider, "microsoft.") == module && alike(of, kind)
	},
	"gcp": func(r apitype.ResourceV3, item Item) (string, bool) {
		// compute.googleapis.com/Network is gcp:compute/network:Network, and its name its id behind the host.
		module, kind := moduleOf(string(r.Type))
		provider, of, _ := strings.Cut(strings.ToLower(item.Type), ".googleapis.com/")
		id := strings.TrimPrefix(item.ID, "//"+provider+".googleapis.com/")
		return id, strings.HasSuffix(provider, module) && alike(of, kind)
	},
}

// byARN are modules whose ids are whole ARNs, as the provider's documentation of each type says
// (https://www.pulumi.com/registry/packages/aws/api-docs/).
var byARN = map[string]bool{"lb": true, "sns": true, "secretsmanager": true, "acm": true}

// moduleOf parts a type into its module and its kind, in lower case and without versions.
func moduleOf(token string) (module, kind string) {
	parts := strings.Split(strings.ToLower(token), ":")
	if len(parts) != 3 {
		return "", ""
	}
	module, _, _ = strings.Cut(parts[1], "/")
	return module, strings.TrimSuffix(parts[2], "v2")
}

// alike compares what two people call a thing: with or without dashes, as one or as many, by a longer name of a service.
func alike(a, b string) bool {
	plain := func(s string) string { return strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(s)) }
	a, b = plain(a), plain(b)
	if synonyms[b] != "" {
		b = synonyms[b]
	}
	return a == b || a == b+"s" || a == strings.TrimSuffix(b, "y")+"ies" || a == b+"es"
}

// synonyms are what ARNs call modules and kinds of the provider by another word.
var synonyms = map[string]string{
	"lb": "elasticloadbalancing", "instance": "db", "eip": "elasticip", "trail": "trail", "bucket": "s3", "metricalarm": "alarm", "eventrule": "rule",
}
