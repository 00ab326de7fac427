package contract

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
	"platform/components/objects"
)

// buildObjects builds a bucket, and who alone reads and writes there.
func (b *builder) buildObjects() (pulumi.Map, error) {
	if err := b.needCluster(); err != nil {
		return nil, err
	}
	who, err := b.identity("logs", identity.Rights{"objects": identity.Store})
	if err != nil {
		return nil, err
	}
	made, err := objects.New(b.ctx, "objects-logs", b.d, objects.Args{Purpose: "logs", Days: 37, Network: *b.network, Tags: owned}, b.opts...)
	if err != nil {
		return nil, err
	}
	out := made.Outputs
	if out.Kind == "" || len(out.Ready) == 0 {
		return nil, errors.New("the bucket says neither its kind nor what must be there before it is used")
	}
	// Each client is told the kind of store by which its other settings are named.
	for what, told := range map[string]pulumi.Map{"type": out.Logs, "backend": out.Traces} {
		if told[what] != pulumi.String(out.Kind) {
			return nil, fmt.Errorf("%s is %v, want %s", what, told[what], out.Kind)
		}
	}
	return pulumi.Map{"objects": out.Name}, who.Give(b.ctx, identity.On{Role: "objects", Resource: out.ID, Key: out.KeyID, HasKey: true})
}
