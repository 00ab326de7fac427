package aws

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/foundation"
)

// CreateFoundation builds nothing: on AWS everything lies in the account itself.
func (d *Driver) CreateFoundation(*pulumi.Context, string, foundation.Args, pulumi.Resource) (foundation.Outputs, error) {
	return foundation.Outputs{}, nil
}

var _ foundation.Driver = (*Driver)(nil)
