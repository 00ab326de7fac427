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
	for _, key := range nameInputs {
		// A name may have slashes of its own, as that of a log has.
		if name, ok := r.Inputs[key].(string); ok && name != "" && ends(strings.ToLower(item.ID), strings.ToLower(name)) {
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

// ends says whether an id ends with a name, behind what parts names.
func ends(id, name string) bool {
	before, ok := strings.CutSuffix(id, name)
	return ok && (before == "" || strings.ContainsAny(before[len(before)-1:], "/:"))
}

// providerIDs are the clouds'.
var providerIDs = map[string]func(apitype.ResourceV3, Item) (string, bool){
	"aws": func(r apitype.ResourceV3, item Item) (string, bool) {
		form, ok := idForms[string(r.Type)]
		parts := strings.SplitN(item.ID, ":", 6)
		if !ok || item.Type != form.kind || len(parts) != 6 {
			return "", false
		}
		switch form.id {
		case whole:
			return item.ID, true
		case address:
			return "https://sqs." + parts[3] + ".amazonaws.com/" + parts[4] + "/" + last(item.ID), true
		case rest:
			return strings.SplitN(parts[5], ":", 2)[1], true
		case pair:
			names := strings.Split(parts[5], "/")
			if len(names) < 3 {
				return "", false
			}
			return names[1] + ":" + names[2], true
		}
		return last(item.ID), true
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

// last is the part of a name behind all others.
func last(name string) string { return name[strings.LastIndexAny(name, "/:")+1:] }

// form is how an id of the provider follows from an ARN.
type form int

const (
	name    form = iota // the last part
	whole               // all of it
	address             // a URL made of its parts
	rest                // all behind the word for its kind
	pair                // two parts, with a colon between
)

// idForms are the kinds of ARNs of types, and the ids that the provider gives them, as the page of each type says under import
// (https://www.pulumi.com/registry/packages/aws/api-docs/). A type that is not here is made anew.
var idForms = map[string]struct {
	kind string
	id   form
}{
	"aws:acm/certificate:Certificate":                     {"acm:certificate", whole},
	"aws:apigatewayv2/api:Api":                            {"apigateway:apis", name},
	"aws:apigatewayv2/domainName:DomainName":              {"apigateway:domainnames", name},
	"aws:apigatewayv2/vpcLink:VpcLink":                    {"apigateway:vpclinks", name},
	"aws:cloudtrail/trail:Trail":                          {"cloudtrail:trail", whole},
	"aws:cloudwatch/eventRule:EventRule":                  {"events:rule", name},
	"aws:cloudwatch/logGroup:LogGroup":                    {"logs:log-group", rest},
	"aws:cloudwatch/metricAlarm:MetricAlarm":              {"cloudwatch:alarm", name},
	"aws:dynamodb/table:Table":                            {"dynamodb:table", name},
	"aws:ec2/eip:Eip":                                     {"ec2:elastic-ip", name},
	"aws:ec2/flowLog:FlowLog":                             {"ec2:vpc-flow-log", name},
	"aws:ec2/internetGateway:InternetGateway":             {"ec2:internet-gateway", name},
	"aws:ec2/launchTemplate:LaunchTemplate":               {"ec2:launch-template", name},
	"aws:ec2/natGateway:NatGateway":                       {"ec2:natgateway", name},
	"aws:ec2/routeTable:RouteTable":                       {"ec2:route-table", name},
	"aws:ec2/securityGroup:SecurityGroup":                 {"ec2:security-group", name},
	"aws:ec2/subnet:Subnet":                               {"ec2:subnet", name},
	"aws:ec2/vpc:Vpc":                                     {"ec2:vpc", name},
	"aws:ec2/vpcEndpoint:VpcEndpoint":                     {"ec2:vpc-endpoint", name},
	"aws:eks/addon:Addon":                                 {"eks:addon", pair},
	"aws:eks/cluster:Cluster":                             {"eks:cluster", name},
	"aws:eks/nodeGroup:NodeGroup":                         {"eks:nodegroup", pair},
	"aws:guardduty/detector:Detector":                     {"guardduty:detector", name},
	"aws:iam/openIdConnectProvider:OpenIdConnectProvider": {"iam:oidc-provider", whole},
	"aws:iam/policy:Policy":                               {"iam:policy", whole},
	"aws:iam/role:Role":                                   {"iam:role", name},
	"aws:kms/key:Key":                                     {"kms:key", name},
	"aws:lb/loadBalancer:LoadBalancer":                    {"elasticloadbalancing:loadbalancer", whole},
	"aws:lb/targetGroup:TargetGroup":                      {"elasticloadbalancing:targetgroup", whole},
	"aws:rds/parameterGroup:ParameterGroup":               {"rds:pg", name},
	"aws:rds/subnetGroup:SubnetGroup":                     {"rds:subgrp", name},
	"aws:s3/bucketV2:BucketV2":                            {"s3", name},
	"aws:secretsmanager/secret:Secret":                    {"secretsmanager:secret", whole},
	"aws:sns/topic:Topic":                                 {"sns", whole},
	"aws:sqs/queue:Queue":                                 {"sqs", address},
}

// moduleOf parts a type into its module and its kind, in lower case and without versions.
func moduleOf(token string) (module, kind string) {
	parts := strings.Split(strings.ToLower(token), ":")
	if len(parts) != 3 {
		return "", ""
	}
	module, _, _ = strings.Cut(parts[1], "/")
	return module, strings.TrimSuffix(parts[2], "v2")
}

// alike compares what two people call a kind: with or without dashes, as one or as many.
func alike(a, b string) bool {
	plain := func(s string) string { return strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(s)) }
	a, b = plain(a), plain(b)
	return a == b || a == b+"s" || a == strings.TrimSuffix(b, "y")+"ies" || a == b+"es"
}
