package role

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"platform/stacks/config"
)

// ofAWS are managed policies.
func ofAWS(w wanted, _ Uses, purpose string, s config.Settings) (any, error) {
	return split(statements(w.actions, s), purpose+"-"+s.Environment)
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
var passedTo = []string{
	"config.amazonaws.com", "ec2.amazonaws.com", "eks.amazonaws.com", "pods.eks.amazonaws.com", "rds.amazonaws.com", "vpc-flow-logs.amazonaws.com",
}

// linkedTo are the services whose own roles AWS makes when they are first used
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html).
var linkedTo = []string{
	"autoscaling.amazonaws.com", "config-conforms.amazonaws.com", "config.amazonaws.com", "eks.amazonaws.com", "eks-nodegroup.amazonaws.com",
	"elasticloadbalancing.amazonaws.com", "guardduty.amazonaws.com", "malware-protection.guardduty.amazonaws.com", "ops.apigateway.amazonaws.com",
	"rds.amazonaws.com", "spot.amazonaws.com",
}

// onRecorder are the actions on the one role of a service that the program itself makes, and hands back to AWS Config.
var onRecorder = []string{
	"iam:DeleteServiceLinkedRole", "iam:GetRole", "iam:GetServiceLinkedRoleDeletionStatus", "iam:TagRole", "iam:UntagRole", "iam:UpdateRole",
}

// recorderRole is that role (https://docs.aws.amazon.com/config/latest/developerguide/using-service-linked-roles.html).
func recorderRole(s config.Settings) string {
	return fmt.Sprintf("arn:aws:iam::%s:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig", s.Landing.Account)
}

// prefixes begin the names of what the role is for: those of the environment, and of the mould those that are cast in it too.
func prefixes(s config.Settings) []string {
	out := []string{s.Environment + "-"}
	if s.Pool != nil {
		out = append(out, s.Pool.Prefix)
	}
	return out
}

// regions are those in which it works.
func regions(s config.Settings) []string {
	out := []string{s.Region}
	if s.Pool != nil {
		out = append(out, slices.Sorted(maps.Keys(s.Pool.Regions[s.Cloud]))...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// roles are those of its environments.
func roles(s config.Settings) []string {
	var out []string
	for _, prefix := range prefixes(s) {
		out = append(out, fmt.Sprintf("arn:aws:iam::%s:role/%s*", s.Landing.Account, prefix))
	}
	return out
}

// global are the services that work in no region, by what of them the role may touch.
func global(s config.Settings) map[string][]string {
	own := roles(s)
	for _, prefix := range prefixes(s) {
		own = append(own, fmt.Sprintf("arn:aws:iam::%s:policy/%s*", s.Landing.Account, prefix))
	}
	for _, region := range regions(s) {
		own = append(own, fmt.Sprintf("arn:aws:iam::%s:oidc-provider/oidc.eks.%s.amazonaws.com/*", s.Landing.Account, region))
	}
	return map[string][]string{
		"iam":     append(own, fmt.Sprintf("arn:aws:iam::%s:instance-profile/eks-*", s.Landing.Account)),
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
			passed := roles(s)
			if slices.Contains(wanted, "config:PutConfigurationRecorder") {
				passed = append(passed, recorderRole(s))
			}
			out = append(out, Statement{
				Sid: "PassRole", Effect: "Allow", Action: []string{action}, Resource: passed,
				Condition: map[string]map[string][]string{"StringEquals": {"iam:PassedToService": passedTo}},
			})
		case "iam:CreateServiceLinkedRole":
			out = append(out, Statement{
				Sid: "ServiceLinkedRoles", Effect: "Allow", Action: []string{action},
				Resource:  []string{fmt.Sprintf("arn:aws:iam::%s:role/aws-service-role/*", s.Landing.Account)},
				Condition: map[string]map[string][]string{"StringEquals": {"iam:AWSServiceName": linkedTo}},
			})
		case "iam:DeleteServiceLinkedRole":
			of := slices.DeleteFunc(slices.Clone(onRecorder), func(action string) bool { return !slices.Contains(wanted, action) })
			out = append(out, Statement{Sid: "RecorderRole", Effect: "Allow", Action: of, Resource: []string{recorderRole(s)}})
		case "iam:GetServiceLinkedRoleDeletionStatus": // with the one above
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
			st.Condition = map[string]map[string][]string{"StringEquals": {"aws:RequestedRegion": regions(s)}}
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
