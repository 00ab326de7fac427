// Package chart registers releases of Helm charts.
//
// It names the resource's type and properties itself: the SDK's package helm/v3 brings all of the
// Kubernetes SDK's packages along, which takes four minutes to compile on two cores.
package chart

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/utilities"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Token is the resource's type.
const Token = "kubernetes:helm.sh/v3:Release"

// Args says which chart is released, and how.
type Args struct {
	Name       string // of the release; it leads the names of the chart's objects
	Chart      string
	Version    string // exact
	Repository string // URL
	Namespace  string // exists already
	Values     pulumi.Map
	// SkipCRDs leaves out the definitions of the chart's folder crds, where another release brings them.
	SkipCRDs bool
	// TimeoutSec is how long the chart's objects have to become ready.
	TimeoutSec int
}

// Release is one release of a chart.
type Release struct {
	pulumi.CustomResourceState

	Status pulumi.MapOutput `pulumi:"status"`
}

// exact excludes ranges, which would install another version on another day.
var exact = regexp.MustCompile(`^v?[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$`)

// registry is how the address of a registry of images begins that holds charts (https://helm.sh/docs/topics/registries/).
const registry = "oci://"

// Validate returns every fault of the arguments.
func (a Args) Validate() error {
	var faults []error
	for _, text := range []struct{ path, value string }{
		{"name", a.Name}, {"chart", a.Chart}, {"repository", a.Repository}, {"namespace", a.Namespace},
	} {
		if text.value == "" {
			faults = append(faults, fmt.Errorf("%s: value %q: a value is needed", text.path, text.value))
		}
	}
	if !exact.MatchString(a.Version) {
		faults = append(faults, fmt.Errorf("version: value %q: one exact version is allowed, as 1.2.3", a.Version))
	}
	if a.TimeoutSec < 1 {
		faults = append(faults, fmt.Errorf("timeoutSec: value %d: at least 1 is allowed", a.TimeoutSec))
	}
	return errors.Join(faults...)
}

// New registers the release of a chart.
//
// It is atomic: a release that does not become ready in time is taken back, so that the next run starts
// from what worked and not from a release that is half there. For this the provider has to wait, so
// skipAwait stays off, and what the chart's pods need to run must be there before: pass it in DependsOn.
// Hooks of a failed release are removed (cleanupOnFail), and of old ones only some are kept, since each
// is a secret as large as the chart's manifests.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Release, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("release %s: %w", name, err)
	}
	release := &Release{}
	inputs := pulumi.Map{
		"name": pulumi.String(args.Name), "version": pulumi.String(args.Version),
		"namespace": pulumi.String(args.Namespace), "createNamespace": pulumi.Bool(false),
		"values": args.Values,
		"atomic": pulumi.Bool(true), "skipAwait": pulumi.Bool(false), "cleanupOnFail": pulumi.Bool(true),
		"timeout": pulumi.Int(args.TimeoutSec), "maxHistory": pulumi.Int(5),
		// As the SDK's own constructor: the outputs have the form that the provider's schema says.
		"compat": pulumi.String("true"),
	}
	// A registry of images has no index, and so the chart is named in full
	// (https://www.pulumi.com/registry/packages/kubernetes/api-docs/helm/v3/release/).
	if strings.HasPrefix(args.Repository, registry) {
		inputs["chart"] = pulumi.String(args.Repository + "/" + args.Chart)
	} else {
		inputs["chart"] = pulumi.String(args.Chart)
		inputs["repositoryOpts"] = pulumi.Map{"repo": pulumi.String(args.Repository)}
	}
	if args.SkipCRDs {
		inputs["skipCrds"] = pulumi.Bool(true)
	}
	if err := ctx.RegisterResource(Token, name, inputs, release, utilities.PkgResourceDefaultOpts(opts)...); err != nil {
		return nil, fmt.Errorf("release %s: %w", name, err)
	}
	return release, nil
}
