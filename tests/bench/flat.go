package bench

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// flat is a program that registers what a state holds, without components: each resource with its
// inputs, in which what another resource gave is its output again.
type flat struct{ resources []flatResource }

type flatResource struct {
	typ, name string
	inputs    map[string]any
	provider  bool
	after     []int               // what it depends on, and so takes values from
	values    []map[string]string // of each in after: generated value -> output path
}

// flatten makes the program out of a blueprint's state.
func flatten(state apitype.UntypedDeployment) (*flat, error) {
	var deployment apitype.DeploymentV3
	if err := json.Unmarshal(state.Deployment, &deployment); err != nil {
		return nil, err
	}
	f, index := &flat{}, map[resource.URN]int{}
	outputs := map[int]map[string]string{}
	for _, r := range deployment.Resources {
		if !r.Custom {
			continue
		}
		n := flatResource{
			typ: string(r.Type), name: r.URN.Name(), inputs: r.Inputs,
			provider: strings.HasPrefix(string(r.Type), "pulumi:providers:"),
		}
		delete(n.inputs, "__internal")
		for _, on := range r.Dependencies {
			i, ok := index[on]
			if !ok {
				continue // a component
			}
			n.after = append(n.after, i)
			n.values = append(n.values, outputs[i])
			if passesOn(f.resources[i].typ) {
				n.after = append(n.after, f.resources[i].after...)
				n.values = append(n.values, f.resources[i].values...)
			}
		}
		i := len(f.resources)
		index[r.URN], outputs[i] = i, given(string(r.ID), r.Inputs, r.Outputs)
		f.resources = append(f.resources, n)
	}
	return f, nil
}

// passesOn says whether a type hands out what it was given, once something has happened: whoever takes
// it takes what the first one made.
func passesOn(typ string) bool {
	return typ == "aws:acm/certificateValidation:CertificateValidation"
}

// given are the values that only the cloud could know, and where they are in the outputs.
func given(id string, inputs, outputs map[string]any) map[string]string {
	known, out := map[string]bool{}, map[string]string{}
	for _, v := range inputs {
		if s, ok := v.(string); ok {
			known[s] = true
		}
	}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case string:
			if len(v) > 7 && !known[v] {
				out[v] = path
			}
		case []any:
			for i, e := range v {
				walk(fmt.Sprintf("%s.%d", path, i), e)
			}
		case map[string]any:
			for k, e := range v {
				walk(path+"."+k, e)
			}
		}
	}
	for k, v := range outputs {
		if _, given := inputs[k]; !given || nested[k] {
			walk(k, v)
		}
	}
	if !known[id] {
		out[id] = "id"
	}
	return out
}

func (f *flat) run(ctx *pulumi.Context) error {
	made := make([]*plain, len(f.resources))
	providers := map[string]pulumi.ProviderResource{}
	for i, r := range f.resources {
		if r.provider {
			p, props := &pulumi.ProviderResourceState{}, literal(r.inputs).(pulumi.Map)
			if r.inputs["kubeconfig"] != nil {
				props["kubeconfig"] = f.kubeconfig(made) // the state holds it encrypted
			}
			if err := ctx.RegisterResource(r.typ, r.name, props, p); err != nil {
				return err
			}
			providers[strings.TrimPrefix(r.typ, "pulumi:providers:")] = p
			continue
		}
		props := pulumi.Map{}
		for k, v := range r.inputs {
			props[k] = f.input(r, v, made)
		}
		made[i] = &plain{}
		var depends []pulumi.Resource
		for _, on := range r.after {
			if made[on] != nil {
				depends = append(depends, made[on])
			}
		}
		if err := ctx.RegisterResource(r.typ, r.name, props, made[i], pulumi.Provider(providers[r.typ[:strings.Index(r.typ, ":")]]), pulumi.DependsOn(depends)); err != nil {
			return fmt.Errorf("%s %s: %w", r.typ, r.name, err)
		}
	}
	return nil
}

// kubeconfig leads to the cluster, as the blueprint's does.
func (f *flat) kubeconfig(made []*plain) pulumi.Input {
	for i, r := range f.resources {
		if r.typ == "aws:eks/cluster:Cluster" {
			return pulumi.ToSecret(pulumi.Sprintf(`{"clusters":[{"cluster":{"server":"%s"}}]}`, made[i].Endpoint))
		}
	}
	return nil
}

// plain has the outputs from which others take values.
type plain struct {
	pulumi.CustomResourceState

	Arn        pulumi.StringOutput `pulumi:"arn"`
	URL        pulumi.StringOutput `pulumi:"url"`
	KeyID      pulumi.StringOutput `pulumi:"keyId"`
	Endpoint   pulumi.StringOutput `pulumi:"endpoint"`
	DNSName    pulumi.StringOutput `pulumi:"dnsName"`
	VersionID  pulumi.StringOutput `pulumi:"versionId"`
	ZoneID     pulumi.StringOutput `pulumi:"zoneId"`
	Options    pulumi.AnyOutput    `pulumi:"domainValidationOptions"`
	Domain     pulumi.AnyOutput    `pulumi:"domainNameConfiguration"`
	VpcConfig  pulumi.AnyOutput    `pulumi:"vpcConfig"`
	Identities pulumi.AnyOutput    `pulumi:"identities"`
	Resources  pulumi.AnyOutput    `pulumi:"resources"`
}

// nested are the outputs that hold more than the input of the same name.
var nested = map[string]bool{"vpcConfig": true, "domainNameConfiguration": true}

func (p *plain) output(path string) (pulumi.StringOutput, bool) {
	top, rest, _ := strings.Cut(path, ".")
	whole := map[string]pulumi.AnyOutput{"domainValidationOptions": p.Options, "domainNameConfiguration": p.Domain, "vpcConfig": p.VpcConfig, "identities": p.Identities, "resources": p.Resources}
	switch top {
	case "id":
		return p.ID().ToStringOutput(), true
	case "arn":
		return p.Arn, true
	case "url":
		return p.URL, true
	case "keyId":
		return p.KeyID, true
	case "dnsName":
		return p.DNSName, true
	case "zoneId":
		return p.ZoneID, true
	case "endpoint":
		return p.Endpoint, true
	case "versionId":
		return p.VersionID, true
	}
	if o, ok := whole[top]; ok {
		return o.ApplyT(func(v any) string { return dig(v, rest) }).(pulumi.StringOutput), true
	}
	return pulumi.StringOutput{}, false
}

func dig(v any, path string) string {
	for _, word := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[word]
		case []any:
			i, err := strconv.Atoi(word)
			if err != nil || i >= len(at) {
				return ""
			}
			v = at[i]
		}
	}
	s, _ := v.(string)
	return s
}

// input is a value in which generated text is taken from the resources that give it.
func (f *flat) input(r flatResource, v any, made []*plain) pulumi.Input {
	switch v := v.(type) {
	case map[string]any:
		out := pulumi.Map{}
		for k, e := range v {
			out[k] = f.input(r, e, made)
		}
		return out
	case []any:
		out := pulumi.Array{}
		for _, e := range v {
			out = append(out, f.input(r, e, made))
		}
		return out
	case string:
		return f.text(r, v, made)
	}
	return literal(v)
}

func (f *flat) text(r flatResource, s string, made []*plain) pulumi.Input {
	var from []string
	var outputs []any
	for i, on := range r.after {
		if made[on] == nil {
			continue
		}
		values := make([]string, 0, len(r.values[i]))
		for value := range r.values[i] {
			values = append(values, value)
		}
		slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
		for _, value := range values {
			if o, ok := made[on].output(r.values[i][value]); ok && strings.Contains(s, value) && !slices.Contains(from, value) {
				from, outputs = append(from, value), append(outputs, o)
			}
		}
	}
	if len(from) == 0 {
		return pulumi.String(s)
	}
	return pulumi.All(outputs...).ApplyT(func(got []any) string {
		var pairs []string
		for i, value := range from {
			pairs = append(pairs, value, got[i].(string))
		}
		return strings.NewReplacer(pairs...).Replace(s)
	})
}

func literal(v any) pulumi.Input {
	switch v := v.(type) {
	case nil:
		return nil
	case bool:
		return pulumi.Bool(v)
	case float64:
		return pulumi.Float64(v)
	case string:
		return pulumi.String(v)
	case []any:
		out := pulumi.Array{}
		for _, e := range v {
			out = append(out, literal(e))
		}
		return out
	case map[string]any:
		out := pulumi.Map{}
		for k, e := range v {
			out[k] = literal(e)
		}
		return out
	}
	return pulumi.Any(v)
}
