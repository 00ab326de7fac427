// Package role derives what a pipeline's role may do from the types that an environment uses, so that nobody grants it more.
package role

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"platform/policies/document"
	"platform/stacks/config"
	"platform/stacks/strict"
)

//go:embed aws.yaml
var awsFile []byte

//go:embed gcp.yaml
var gcpFile []byte

// tables are what types need, by cloud.
var tables = map[string][]byte{"aws": awsFile, "gcp": gcpFile}

// needs is what one type needs, by what is done with it.
type needs struct {
	Source string   `yaml:"source"`
	Create []string `yaml:"create,omitempty"`
	Read   []string `yaml:"read,omitempty"`
	Update []string `yaml:"update,omitempty"`
	Delete []string `yaml:"delete,omitempty"`
}

func (n needs) actions() []string { return slices.Concat(n.Create, n.Read, n.Update, n.Delete) }

// ErrNoTable says that a cloud's deploy role cannot be derived yet.
var ErrNoTable = errors.New("the deploy role of this cloud cannot be derived yet: there is no table of its types in stacks/lifecycle/role")

func table(cloud string) (map[string]needs, error) {
	raw, known := tables[cloud]
	if !known {
		return nil, fmt.Errorf("%s: %w", cloud, ErrNoTable)
	}
	all := map[string]needs{}
	if faults := strict.Decode(raw, &all); len(faults) > 0 {
		return nil, fmt.Errorf("stacks/lifecycle/role/%s.yaml: %w", cloud, strict.Join(faults))
	}
	return all, nil
}

// wantedBy is what an environment's types need, sorted. A type without an entry is an error.
func wantedBy(types []string, s config.Settings) ([]string, error) {
	all, err := table(s.Cloud)
	if err != nil {
		return nil, err
	}
	var faults []error
	var out []string
	for _, kind := range types {
		kind = document.Kind(kind)
		if !strings.HasPrefix(kind, s.Cloud+":") {
			continue
		}
		entry, known := all[kind]
		if !known {
			faults = append(faults, fmt.Errorf("type %s: add what it needs to stacks/lifecycle/role/%s.yaml", kind, s.Cloud))
		}
		out = append(out, entry.actions()...)
	}
	if len(faults) > 0 {
		return nil, strict.Join(faults)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("nothing of %s: is it the inventory of %s?", s.Cloud, s.Environment)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// Custom is a role of one's own on Google Cloud, as `gcloud iam roles create --file` reads it
// (https://cloud.google.com/iam/docs/creating-custom-roles).
type Custom struct {
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Stage       string   `json:"stage"`
	Permissions []string `json:"includedPermissions"`
}

// MaxPermissions is how many a custom role may have (https://cloud.google.com/iam/quotas).
const MaxPermissions = 3000

// Of is what the role that deploys these types may do: policies on AWS, a custom role on Google Cloud.
func Of(types []string, s config.Settings) (any, error) {
	wanted, err := wantedBy(types, s)
	if err != nil {
		return nil, err
	}
	if s.Cloud == "aws" {
		return split(statements(wanted, s), "deploy-"+s.Environment)
	}
	if n := len(wanted); n > MaxPermissions {
		return nil, fmt.Errorf("%d permissions: a custom role has %d at most", n, MaxPermissions)
	}
	return Custom{"Deploy " + s.Environment, "What the pipeline needs for " + s.Environment + ", and no more", "GA", wanted}, nil
}

// Policy is one managed policy of AWS.
type Policy struct {
	Name     string   `json:"name"`
	Document Document `json:"document"`
}

// Document is a policy as AWS reads it.
type Document struct {
	Version   string
	Statement []Statement
}

// Statement is one of a policy.
type Statement struct {
	Sid, Effect      string
	Action, Resource []string
	Condition        map[string]map[string][]string `json:",omitempty"`
}

// MaxPolicy is how many characters a managed policy may have, white space not counted
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
const MaxPolicy = 6144

// passedTo are the services to which the environment's roles may be handed
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html).
var passedTo = []string{"ec2.amazonaws.com", "eks.amazonaws.com", "pods.eks.amazonaws.com", "rds.amazonaws.com", "vpc-flow-logs.amazonaws.com"}

// linkedTo are the services whose own roles AWS makes when they are first used
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html).
var linkedTo = []string{
	"autoscaling.amazonaws.com", "eks.amazonaws.com", "eks-nodegroup.amazonaws.com", "elasticloadbalancing.amazonaws.com",
	"ops.apigateway.amazonaws.com", "rds.amazonaws.com", "spot.amazonaws.com",
}

// global are the services that work in no region, by what of them the role may touch.
func global(s config.Settings) map[string][]string {
	return map[string][]string{
		"iam": {
			fmt.Sprintf("arn:aws:iam::%s:role/%s-*", s.Landing.Account, s.Environment),
			fmt.Sprintf("arn:aws:iam::%s:oidc-provider/oidc.eks.%s.amazonaws.com/*", s.Landing.Account, s.Region),
			fmt.Sprintf("arn:aws:iam::%s:instance-profile/eks-*", s.Landing.Account),
		},
		"route53": {"arn:aws:route53:::hostedzone/" + s.Landing.DNS.Zone, "arn:aws:route53:::change/*"},
	}
}

// statements are one for each service: in the environment's region alone, or on its own things where a service has none.
func statements(wanted []string, s config.Settings) []Statement {
	by := map[string][]string{}
	var out []Statement
	for _, action := range wanted {
		switch action {
		case "iam:PassRole":
			out = append(out, Statement{
				Sid: "PassRole", Effect: "Allow", Action: []string{action}, Resource: global(s)["iam"][:1],
				Condition: map[string]map[string][]string{"StringEquals": {"iam:PassedToService": passedTo}},
			})
		case "iam:CreateServiceLinkedRole":
			out = append(out, Statement{
				Sid: "ServiceLinkedRoles", Effect: "Allow", Action: []string{action},
				Resource:  []string{fmt.Sprintf("arn:aws:iam::%s:role/aws-service-role/*", s.Landing.Account)},
				Condition: map[string]map[string][]string{"StringEquals": {"iam:AWSServiceName": linkedTo}},
			})
		default:
			service, _, _ := strings.Cut(action, ":")
			by[service] = append(by[service], action)
		}
	}
	for _, service := range slices.Sorted(maps.Keys(by)) {
		st := Statement{Sid: strings.ToUpper(service[:1]) + service[1:], Effect: "Allow", Action: by[service]}
		if own := global(s)[service]; own != nil {
			st.Resource = own
		} else {
			st.Resource = []string{"*"}
			// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion
			st.Condition = map[string]map[string][]string{"StringEquals": {"aws:RequestedRegion": {s.Region}}}
		}
		out = append(out, st)
	}
	return out
}

// split puts the statements into as few policies as hold them in their order.
func split(all []Statement, name string) ([]Policy, error) {
	var out []Policy
	for _, st := range all {
		if n := len(out); n > 0 {
			longer := Document{out[n-1].Document.Version, append(slices.Clone(out[n-1].Document.Statement), st)}
			if length(longer) <= MaxPolicy {
				out[n-1].Document = longer
				continue
			}
		}
		alone := Document{"2012-10-17", []Statement{st}}
		if n := length(alone); n > MaxPolicy {
			return nil, fmt.Errorf("statement %s has %d characters: %d are allowed", st.Sid, n, MaxPolicy)
		}
		out = append(out, Policy{fmt.Sprintf("%s-%d", name, len(out)+1), alone})
	}
	return out, nil
}

func length(d Document) int {
	raw, err := json.Marshal(d)
	if err != nil {
		panic(err) // texts and lists of them
	}
	return len(raw)
}
