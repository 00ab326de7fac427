package aws

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/foundation"
)

// defaultLogDays is one of the steps that CloudWatch allows
// (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html).
const defaultLogDays = 30

// CreateFoundation builds nothing, as on AWS everything lies in the account itself; it remembers how long logs are
// kept.
func (d *Driver) CreateFoundation(_ *pulumi.Context, _ string, args foundation.Args, _ pulumi.Resource) (foundation.Outputs, error) {
	if args.LogDays > 0 {
		d.logDays = args.LogDays
	}
	return foundation.Outputs{}, nil
}

var _ foundation.Driver = (*Driver)(nil)
