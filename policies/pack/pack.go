// Package pack is the rules as Pulumi's engine asks them.
package pack

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"sync"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"platform/policies/rules"
)

// Name is the pack's, as Pulumi prints it.
const Name = "platform"

// version changes when a rule begins to refuse what it let pass.
var version = semver.MustParse("1.0.0")

// Serve answers the engine until it ends; the environment is that of the stack that the engine runs.
func Serve(environment func(*pulumi.Context) (rules.Environment, error)) error {
	collectSeldom()
	return policyx.Main(func(ctx *pulumi.Context) (policyx.PolicyPack, error) {
		e, err := environment(ctx)
		if err != nil {
			return nil, err
		}
		return pack(e, ctx.DryRun())
	})
}

// collectSeldom lets the pack, which the engine waits for at each resource, use memory in place of time: collecting garbage
// took a fifth of what a judged preview costs the processors. Who sets GOGC has decided otherwise.
func collectSeldom() {
	const percent, most = 400, 2 << 30
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(most)
	}
}

// judge holds what one run of the engine has told. In a preview everything is judged together at the end, so that
// what is found is counted, sorted and grouped. In an up each resource is judged before it is made, when all that a
// preview could not know is known, and at the end only what the whole shows.
type judge struct {
	environment rules.Environment
	preview     bool

	mu    sync.Mutex
	seen  map[string]rules.Resource
	found []rules.Violation
}

// pack makes the pack: a policy that sees each resource, one that counts, and one for each rule. Their names begin
// with the severity, by which Pulumi sorts what it prints, and "count" is before all of them.
func pack(e rules.Environment, preview bool) (policyx.PolicyPack, error) {
	j := &judge{environment: e, preview: preview, seen: map[string]rules.Resource{}}
	policies := []policyx.Policy{
		policyx.NewResourceValidationPolicy("before-it-is-made", policyx.ResourceValidationPolicyArgs{
			Description:      "Nothing is made that a rule forbids",
			EnforcementLevel: policyx.EnforcementLevelMandatory, ValidateResource: j.resource,
		}),
		policyx.NewStackValidationPolicy("count", policyx.StackValidationPolicyArgs{
			Description:      "Nothing is as it must not be",
			EnforcementLevel: policyx.EnforcementLevelMandatory, ValidateStack: j.count,
		}),
	}
	for _, rule := range rules.All() {
		policies = append(policies, policyx.NewStackValidationPolicy(fmt.Sprintf("%s-%s", rule.Severity, rule.ID), policyx.StackValidationPolicyArgs{
			Description:      rule.Holds,
			EnforcementLevel: policyx.EnforcementLevelMandatory, ValidateStack: j.tell(rule.ID),
		}))
	}
	return policyx.NewPolicyPack(Name, version, policyx.EnforcementLevelMandatory, policies)
}

// resource remembers what the program registers: at the end the engine shows outputs, which are not what rules speak of.
func (j *judge) resource(_ context.Context, args policyx.ResourceValidationArgs) error {
	r := rules.Resource{Type: args.Resource.Type, URN: args.Resource.URN, Name: args.Resource.Name, Props: args.Resource.Properties}
	j.mu.Lock()
	j.seen[r.URN] = r
	j.mu.Unlock()
	if j.preview {
		return nil
	}
	for _, v := range rules.Judge(r, j.environment) {
		args.Manager.ReportViolation(fmt.Sprintf("%s %s", v.Rule.Severity, v.Message()), v.URN)
	}
	return nil
}

// count judges, and says how much was found.
func (j *judge) count(_ context.Context, args policyx.StackValidationArgs) error {
	all := make([]rules.Resource, 0, len(args.Resources))
	for _, of := range args.Resources {
		r, ok := j.seen[of.URN]
		if !ok {
			r = rules.Resource{Type: of.Type, URN: of.URN, Name: of.Name, Props: of.Properties}
		}
		r.DependsOn, r.By = of.Dependencies, of.PropertyDependencies
		all = append(all, r)
	}
	if j.found = rules.JudgeWhole(all, j.environment); j.preview {
		j.found = rules.JudgeAll(all, j.environment)
	}
	if len(j.found) > 0 {
		args.Manager.ReportViolation(rules.Count(j.found), "")
	}
	return nil
}

// tell reports what count found of one rule.
func (j *judge) tell(id string) func(context.Context, policyx.StackValidationArgs) error {
	return func(_ context.Context, args policyx.StackValidationArgs) error {
		for _, v := range j.found {
			if v.Rule.ID == id {
				args.Manager.ReportViolation(v.Message(), v.URN)
			}
		}
		return nil
	}
}
