//go:build aws || !(azure || gcp)

package inventory

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	control "github.com/aws/aws-sdk-go-v2/service/cloudcontrol/types"
)

// awsTypes are what Cloud Control calls the types of what controllers in a cluster make, and whether it knows a thing by all of its ARN
// or by the id at its end: the primary identifier on the page of each type
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html). Interfaces go with what has
// them, listeners with their load balancer.
var awsTypes = map[string]struct {
	name string
	arn  bool
}{
	"ec2:instance":                      {"AWS::EC2::Instance", false},
	"ec2:launch-template":               {"AWS::EC2::LaunchTemplate", false},
	"ec2:security-group":                {"AWS::EC2::SecurityGroup", false},
	"ec2:volume":                        {"AWS::EC2::Volume", false},
	"elasticloadbalancing:loadbalancer": {"AWS::ElasticLoadBalancingV2::LoadBalancer", true},
	"elasticloadbalancing:targetgroup":  {"AWS::ElasticLoadBalancingV2::TargetGroup", true},
}

// asking is how often it is asked how far a deletion is, where the answer does not say when to ask.
const asking = 5 * time.Second

func (i awsInventory) Cluster(item Item) string {
	if item.Type != "eks:cluster" {
		return ""
	}
	return last(item.ID)
}

// owned begins the key of a tag by which controllers say in which cluster they are; its value is another where they only use a thing
// (https://pkg.go.dev/k8s.io/cloud-provider-aws/pkg/providers/v1, TagNameKubernetesClusterPrefix and ResourceLifecycle).
const owned = "kubernetes.io/cluster/"

func (i awsInventory) Maker(item Item) Maker {
	if awsTypes[item.Type].name == "" {
		return Maker{}
	}
	for key, value := range item.Tags {
		if name, ok := strings.CutPrefix(key, owned); ok && value == "owned" {
			return Maker{Cluster: name}
		}
	}
	return Maker{}
}

// Remove goes by Cloud Control, one call for all types
// (https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-operations-delete.html).
func (i awsInventory) Remove(ctx context.Context, item Item) error {
	as, known := awsTypes[item.Type]
	if !known {
		return fmt.Errorf("%s is not of a type that is removed here", item.ID)
	}
	id := item.ID
	if !as.arn {
		id = last(id)
	}
	client := cloudcontrol.NewFromConfig(i.config)
	begun, err := client.DeleteResource(ctx, &cloudcontrol.DeleteResourceInput{TypeName: &as.name, Identifier: &id})
	if err != nil {
		if errors.As(err, new(*control.ResourceNotFoundException)) {
			return nil
		}
		return fmt.Errorf("delete %s: %w", item.ID, err)
	}
	for event := begun.ProgressEvent; ; {
		switch {
		case event == nil:
			return fmt.Errorf("delete %s: Cloud Control did not say how it went", item.ID)
		case event.OperationStatus == control.OperationStatusSuccess, event.ErrorCode == control.HandlerErrorCodeNotFound:
			return nil
		case event.OperationStatus == control.OperationStatusFailed, event.OperationStatus == control.OperationStatusCancelComplete:
			return fmt.Errorf("delete %s: %s: %s", item.ID, event.ErrorCode, awssdk.ToString(event.StatusMessage))
		}
		wait := asking
		if event.RetryAfter != nil {
			wait = max(0, min(time.Until(*event.RetryAfter), asking))
		}
		if err := Pause(ctx, wait); err != nil {
			return err
		}
		asked, err := client.GetResourceRequestStatus(ctx, &cloudcontrol.GetResourceRequestStatusInput{RequestToken: event.RequestToken})
		if err != nil {
			return fmt.Errorf("delete %s: ask how far it is: %w", item.ID, err)
		}
		event = asked.ProgressEvent
	}
}
