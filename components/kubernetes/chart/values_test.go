package chart_test

import (
	"reflect"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/chart"
)

func TestTypedValuesBearTheChartsNames(t *testing.T) {
	type inner struct {
		Enabled bool `json:"enabled"`
		Name    string
	}
	type common struct {
		Replicas int `json:"replicas"`
	}
	arn := pulumi.String("arn").ToStringOutput()
	got := chart.Values(struct {
		common
		Account struct {
			Annotations map[string]pulumi.StringInput `json:"annotations,omitempty"`
			Name        pulumi.StringInput            `json:"name"`
		} `json:"serviceAccount"`
		Args    []string       `json:"extraArgs,omitempty"`
		Ratio   float64        `json:"ratio,omitempty"`
		Labels  map[string]any `json:"labels"`
		Missing *int           `json:"missing"`
		Pods    pulumi.Map     `json:"pods,omitempty"`
	}{
		common: common{Replicas: 2}, Args: []string{"a"}, Labels: map[string]any{"on": false, "n": 1},
		Account: struct {
			Annotations map[string]pulumi.StringInput `json:"annotations,omitempty"`
			Name        pulumi.StringInput            `json:"name"`
		}{Name: arn},
	})
	want := pulumi.Map{
		"replicas": pulumi.Int(2), "serviceAccount": pulumi.Map{"name": arn}, "extraArgs": pulumi.Array{pulumi.String("a")},
		"labels": pulumi.Map{"on": pulumi.Bool(false), "n": pulumi.Int(1)},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
	for reason, wrong := range map[string]any{
		"a field has no name":    inner{},
		"values are no mapping":  []string{"a"},
		"a function is no value": map[string]any{"f": func() {}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s, and nobody said so", reason)
				}
			}()
			chart.Values(wrong)
		}()
	}
}
