// Command platform is the Pulumi program: it loads the settings of the stack and builds what they say.
package main

import (
	"embed"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/stacks/config"
	"platform/stacks/platform"
)

// The other environments' files are read for their address plans, wherever the program runs.
//
//go:embed Pulumi.*.yaml
var environments embed.FS

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		settings, err := config.FromPulumi(ctx, environments, platform.Offers)
		if err != nil {
			return err
		}
		return platform.Deploy(ctx, settings)
	})
}
