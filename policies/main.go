// Command policies is the policy pack: Pulumi starts it beside a preview or an up, and asks it of every resource.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/policies/pack"
	"platform/policies/rules"
	"platform/stacks/config"
)

func main() {
	if err := pack.Serve(func(ctx *pulumi.Context) (rules.Environment, error) {
		settings, err := config.Read(ctx)
		return rules.Of(settings, time.Now()), err
	}); err != nil {
		fmt.Fprintln(os.Stderr, "policies: "+err.Error())
		os.Exit(1)
	}
}
