package inventory

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"platform/components/tags"
	"platform/stacks/config"
)

// Scope is what makes a thing one of an environment's: that it says so, or that it refers to something that the state knew.
type Scope struct {
	environment string
	// known are the URNs of resources by what they are called in the cloud.
	known map[string]string
	// stays are those of them that the engine was told to leave.
	stays map[string]bool
	// segments are ids that occur as a part of other things' names, as that of a cluster in its nodes'.
	segments map[string]string
	// templates are the URNs of launch templates by the name that all bear which is launched from them.
	templates map[string]string
	// managed are the URNs of resources by the groups that the cloud made for them, as Azure's for the nodes of a cluster: what is in
	// those is theirs.
	managed map[string]string
}

const (
	launchTemplate = "aws:ec2/launchTemplate:LaunchTemplate"
	googleCluster  = "gcp:container/cluster:Cluster"
)

// shortest is how long an id must be to mean something as a part of another name.
const shortest = 8

// ScopeOf is the scope of an environment whose state has these resources.
func ScopeOf(environment string, resources []apitype.ResourceV3) Scope {
	s := Scope{environment: environment, known: map[string]string{}, stays: map[string]bool{}, segments: map[string]string{}, templates: map[string]string{}}
	for _, r := range resources {
		// What was only read is somebody else's, and what lives in a cluster goes with it.
		if !r.Custom || r.External || r.ID == "" || strings.HasPrefix(string(r.Type), "pulumi:") || strings.HasPrefix(string(r.Type), "kubernetes:") {
			continue
		}
		names := []string{string(r.ID)}
		for _, output := range []string{"arn", "accessEntryArn", "associationArn", "selfLink"} {
			if name, ok := r.Outputs[output].(string); ok {
				names = append(names, name)
			}
		}
		for _, name := range names {
			at := normal(name)
			if _, taken := s.known[at]; !taken {
				s.known[at] = string(r.URN)
			}
			s.stays[at] = s.stays[at] || r.RetainOnDelete
		}
		if id := strings.ToLower(string(r.ID)); len(id) >= shortest && !strings.ContainsAny(id, "/:, ") {
			s.segments[id] = string(r.URN)
		}
		switch name, _ := r.Outputs["name"].(string); {
		case name == "":
		case r.Type == launchTemplate:
			s.templates[name] = string(r.URN)
		case r.Type == googleCluster: // its id is a path
			s.segments[strings.ToLower(name)] = string(r.URN)
		}
	}
	return s
}

var host = regexp.MustCompile(`^(https?:)?//[^/]+/((compute|storage|dns|sql)/v[^/]+/)?`)

// normal is a name without what writes the same thing in different ways: letters' case, the host of an API, a slash.
func normal(name string) string {
	return strings.Trim(host.ReplaceAllString(strings.ToLower(name), ""), "/")
}

// Found is a thing of the environment, and why it is one.
type Found struct {
	Item
	Why string `json:"why"`
	// URN is of the resource whose thing it is, or to which it refers; empty if only its tags say whose it is.
	URN string `json:"urn,omitempty"`
	// Same says that it is that resource's own thing.
	Same bool `json:"same,omitempty"`
	// Stays says why it is meant to be there after a destroy.
	Stays string `json:"stays,omitempty"`

	// brought says that it came with that resource: where it is or what it bears tells so, whatever its tags are.
	brought bool
}

func (f Found) String() string {
	text := fmt.Sprintf("%s %s (%s)", f.Type, f.ID, f.Why)
	if f.Stays != "" {
		text += ": " + f.Stays
	}
	return text
}

// Find tells which things are the environment's, sorted by type and id.
func (s Scope) Find(items []Item) []Found {
	s.managed = map[string]string{}
	for _, item := range items {
		if urn := s.above(normal(item.Owner)); urn != "" {
			s.managed[normal(item.ID)] = urn
		}
	}
	var out []Found
	for _, item := range items {
		if f, ok := s.found(item); ok {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b Found) int { return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID)) })
	return out
}

func (s Scope) found(item Item) (Found, bool) {
	f, at := Found{Item: item}, normal(item.ID)
	f.Stays = lingering[strings.ToLower(item.Type)]
	if urn, ok := s.known[at]; ok {
		f.URN, f.Same, f.Why = urn, true, "the state knew it"
		if s.stays[at] {
			f.Stays = "the environment's file asked to keep it"
		}
		return f, true
	}
	// An ARN ends with an id that the state may have alone; of the same kind it is the same thing.
	if last := last(at); strings.HasPrefix(at, "arn:") && s.segments[last] != "" {
		_, of, _ := strings.Cut(item.Type, ":")
		if _, kind := moduleOf(string(resource.URN(s.segments[last]).Type())); alike(of, kind) {
			f.URN, f.Same, f.Why = s.segments[last], true, "the state knew it"
			return f, true
		}
	}
	if item.Tags[tags.Environment] == s.environment && item.Tags[tags.Project] == config.Project {
		f.Why = "its tags say so"
	}
	urn := s.reference(item, at)
	if of := cmp.Or(s.managed[at], s.managed[group(at)], s.templates[item.Tags["Name"]]); of != "" {
		urn, f.brought = cmp.Or(urn, of), true
	}
	if urn != "" {
		f.URN = urn
		if f.Why == "" {
			f.Why = "it refers to " + urn
		}
	}
	return f, f.Why != ""
}

// reference is the URN of what a thing is in, was made for, or bears the name of.
func (s Scope) reference(item Item, at string) string {
	if urn := cmp.Or(s.above(normal(item.Owner)), s.above(at)); urn != "" {
		return urn
	}
	for _, segment := range strings.FieldsFunc(at, func(r rune) bool { return r == '/' || r == ':' }) {
		if urn, ok := s.segments[segment]; ok {
			return urn
		}
	}
	// Controllers write the cluster's name into the key or the value of a tag.
	for key, value := range item.Tags {
		for _, part := range []string{strings.ToLower(value), key[strings.LastIndex(key, "/")+1:]} {
			if urn, ok := s.segments[part]; ok {
				return urn
			}
		}
	}
	return ""
}

// above is the URN of what a name is, or is in.
func (s Scope) above(name string) string {
	for ; name != ""; name = parent(name) {
		if urn, ok := s.known[name]; ok {
			return urn
		}
	}
	return ""
}

func parent(name string) string { return name[:max(0, strings.LastIndex(name, "/"))] }

// group is the group of resources that a thing of Azure is in.
func group(at string) string {
	if parts := strings.SplitN(at, "/", 5); len(parts) == 5 && parts[2] == "resourcegroups" {
		return strings.Join(parts[:4], "/")
	}
	return ""
}

// lingering are types that are seen after they were deleted, and why.
var lingering = map[string]string{}

// Left parts what must not be there after a destroy from what is meant to stay.
func Left(found []Found) (left, stays []Found) {
	for _, f := range found {
		if f.Stays == "" {
			left = append(left, f)
		} else {
			stays = append(stays, f)
		}
	}
	return left, stays
}

// Proof asks again until nothing is left: the services learn of a deletion a while after it.
type Proof struct {
	Inventory Inventory
	Scope     Scope
	// Settle is for how long it is asked again, Every how often.
	Settle, Every time.Duration
	Say           func(format string, args ...any)
}

// LeftError names what is left of an environment that was destroyed.
type LeftError struct{ Left []Found }

func (e LeftError) Error() string {
	lines := make([]string, 0, len(e.Left))
	for _, f := range e.Left {
		lines = append(lines, f.String())
	}
	return fmt.Sprintf("%d left:\n  %s", len(e.Left), strings.Join(lines, "\n  "))
}

// Empty proves that nothing is left; what stays on purpose is said.
func (p Proof) Empty(ctx context.Context) error {
	until := time.Now().Add(p.Settle)
	for {
		items, bounds, err := p.Inventory.List(ctx)
		if err != nil {
			return fmt.Errorf("ask the cloud what is there: %w", err)
		}
		left, stays := Left(p.Scope.Find(items))
		if len(left) == 0 || !time.Now().Add(p.Every).Before(until) {
			for _, line := range bounds {
				p.Say("not seen: %s", line)
			}
			for _, f := range stays {
				p.Say("stays: %s", f)
			}
			if len(left) > 0 {
				return LeftError{left}
			}
			p.Say("nothing is left among %d things of the account", len(items))
			return nil
		}
		p.Say("%d are still seen, the first is %s; asking again in %s", len(left), left[0], p.Every)
		if err := Pause(ctx, p.Every); err != nil {
			return err
		}
	}
}

// Pause waits before a service is asked again, unless whoever asks is interrupted.
func Pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// marks begin the keys of tags by which a cloud and the controllers in a cluster mark what they make
// (https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html, https://cloud.google.com/kubernetes-engine/docs/how-to/creating-managing-labels,
// https://learn.microsoft.com/azure/aks/faq, https://kubernetes-sigs.github.io/aws-load-balancer-controller, https://karpenter.sh/docs/concepts/nodeclasses/#spectags).
var marks = []string{
	"aws:", "eks:", "kubernetes.io/", "k8s.io/", "elbv2.k8s.aws/", "service.k8s.aws/", "ingress.k8s.aws/", "gateway.k8s.aws/", "ebs.csi.aws.com/", "karpenter.", "KubernetesCluster", "kubernetes-", "aks-managed-",
	"goog-", "k8s-azure-", "k8s-",
}

// Made says whether the cloud, or a controller in the environment's cluster, made the thing for one that the state knows.
func (f Found) Made() bool {
	if f.URN == "" || f.brought {
		return f.brought
	}
	for key := range f.Tags {
		for _, mark := range marks {
			if strings.HasPrefix(key, mark) {
				return true
			}
		}
	}
	// What has the name of something in its own, and says of nobody that it is his, came with that.
	return f.Owner != "" || len(f.Tags) == 0
}
