package account

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"platform/tests/cloud"
	"platform/tests/cloud/aws"
)

// controlService begins the names of Cloud Control's operations.
const controlService = "CloudApiService."

// controlTypes are the simulated cloud's names of what Cloud Control deletes here
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html).
var controlTypes = map[string]string{
	"AWS::EC2::Instance": "ec2:instance", "AWS::EC2::LaunchTemplate": "ec2:launch-template", "AWS::EC2::SecurityGroup": "ec2:security-group",
	"AWS::EC2::Volume": "ec2:volume", "AWS::ElasticLoadBalancingV2::LoadBalancer": "elb:load-balancer",
	"AWS::ElasticLoadBalancingV2::TargetGroup": "elb:target-group",
}

// controlled answers DeleteResource, which does the work, and GetResourceRequestStatus, which says how it went: nobody learns that from
// the first answer (https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-operations-delete.html).
func (a awsAccount) controlled(w http.ResponseWriter, r *http.Request, operation string) {
	const json10 = "application/x-amz-json-1.0"
	refuse := func(kind, message string) {
		answer(w, http.StatusBadRequest, json10, map[string]string{"__type": kind, "Message": message})
	}
	var asked struct{ TypeName, Identifier, ClientToken, RequestToken string }
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		refuse("ValidationException", err.Error())
		return
	}
	now := float64(time.Now().UnixMilli()) / 1000
	event := map[string]any{"Operation": "DELETE", "EventTime": now, "OperationStatus": "IN_PROGRESS", "RetryAfter": now}
	switch operation {
	case "DeleteResource":
		typ, known := controlTypes[asked.TypeName]
		if !known || asked.Identifier == "" {
			refuse("TypeNotFoundException", "the type "+asked.TypeName+" is not known here")
			return
		}
		event["TypeName"], event["Identifier"] = asked.TypeName, asked.Identifier
		event["RequestToken"] = a.deletions.begin(a.remove(typ, asked.Identifier))
	case "GetResourceRequestStatus":
		known, err := a.deletions.of(asked.RequestToken)
		if !known {
			refuse("RequestTokenNotFoundException", "no request "+asked.RequestToken)
			return
		}
		event["RequestToken"], event["OperationStatus"] = asked.RequestToken, "SUCCESS"
		if err != nil {
			event["OperationStatus"], event["StatusMessage"], event["ErrorCode"] = "FAILED", err.Error(), "GeneralServiceException"
			if errors.Is(err, errNone) {
				event["ErrorCode"] = "NotFound"
			}
		}
	default:
		refuse("UnknownOperationException", "no such operation: "+operation)
		return
	}
	answer(w, http.StatusOK, json10, map[string]any{"ProgressEvent": event})
}

func (a awsAccount) remove(typ, id string) error {
	return removed(a.cloud, func(o *cloud.Object) bool { return o.Type == typ && slices.Contains([]string{o.ID, a.arn(o)}, id) }, aws.Remove)
}
