package account

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"platform/tests/cloud"
)

// arns are the forms of what has no output that says it
// (https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html).
// Empty is what has none of its own.
var arns = map[string]string{
	"autoscaling:group":             "arn:aws:autoscaling:{region}:{account}:autoScalingGroup:{id}:autoScalingGroupName/{id}",
	"config:rule":                   "arn:aws:config:{region}:{account}:config-rule/{id}",
	"ec2:instance":                  "arn:aws:ec2:{region}:{account}:instance/{id}",
	"ec2:launch-template":           "arn:aws:ec2:{region}:{account}:launch-template/{id}",
	"ec2:network-acl":               "arn:aws:ec2:{region}:{account}:network-acl/{id}",
	"ec2:network-interface":         "arn:aws:ec2:{region}:{account}:network-interface/{id}",
	"ec2:route-table":               "arn:aws:ec2:{region}:{account}:route-table/{id}",
	"ec2:security-group":            "arn:aws:ec2:{region}:{account}:security-group/{id}",
	"ec2:security-group-rule":       "arn:aws:ec2:{region}:{account}:security-group-rule/{id}",
	"ec2:volume":                    "arn:aws:ec2:{region}:{account}:volume/{id}",
	"iam:service-linked-role":       "arn:aws:iam::{account}:role/aws-service-role/{id}",
	"logs:log-group":                "arn:aws:logs:{region}:{account}:log-group:{id}",
	"rds:snapshot":                  "arn:aws:rds:{region}:{account}:snapshot:{id}",
	"route53:zone":                  "arn:aws:route53:::hostedzone/{id}",
	"aws:ec2/eip:Eip":               "arn:aws:ec2:{region}:{account}:elastic-ip/{id}",
	"aws:ec2/flowLog:FlowLog":       "arn:aws:ec2:{region}:{account}:vpc-flow-log/{id}",
	"aws:apigatewayv2/api:Api":      "arn:aws:apigateway:{region}::/apis/{id}",
	"aws:ec2/natGateway:NatGateway": "arn:aws:ec2:{region}:{account}:natgateway/{id}",
}

// explorerAlone are what the tagging API does not list
// (https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html).
var explorerAlone = []string{"aws:iam/role:Role", "iam:service-linked-role"}

// AWS answers for an account and a region. Without a view Resource Explorer answers as AWS does then.
func AWS(c *cloud.Cloud, account, region string, view bool) http.Handler {
	a := awsAccount{c, account, region, &deletions{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{$}", func(w http.ResponseWriter, r *http.Request) {
		if operation, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), controlService); ok {
			a.controlled(w, r, operation)
			return
		}
		a.tagged(w, r)
	})
	mux.HandleFunc("POST /ListResources", func(w http.ResponseWriter, r *http.Request) {
		if !view {
			w.Header().Set("X-Amzn-ErrorType", "UnauthorizedException")
			answer(w, http.StatusUnauthorized, "application/json", map[string]string{"Message": "Unauthorized"})
			return
		}
		a.explored(w, r)
	})
	return mux
}

type awsAccount struct {
	cloud           *cloud.Cloud
	account, region string
	deletions       *deletions
}

// arn is an object's name; empty if it is a part of another.
func (a awsAccount) arn(o *cloud.Object) string {
	if form, ok := arns[o.Type]; ok {
		return strings.NewReplacer("{region}", a.region, "{account}", a.account, "{id}", o.ID).Replace(form)
	}
	if strings.HasPrefix(o.ID, "arn:") {
		return o.ID
	}
	return cmp.Or(o.Str("arn"), o.Str("accessEntryArn"), o.Str("associationArn"))
}

// tagged answers GetResources, in the protocol of JSON 1.1
// (https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html).
func (a awsAccount) tagged(w http.ResponseWriter, r *http.Request) {
	const json11 = "application/x-amz-json-1.1"
	refuse := func(kind, message string) {
		answer(w, http.StatusBadRequest, json11, map[string]string{"__type": kind, "Message": message})
	}
	if at := r.Header.Get("X-Amz-Target"); at != "ResourceGroupsTaggingAPI_20170126.GetResources" {
		refuse("InvalidParameterException", "no such operation: "+at)
		return
	}
	var asked struct {
		ResourcesPerPage int
		PaginationToken  string
	}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &asked)
	}
	if err != nil || asked.ResourcesPerPage < 1 || asked.ResourcesPerPage > 100 {
		refuse("InvalidParameterException", fmt.Sprintf("ResourcesPerPage must be 1 to 100 (%v)", err))
		return
	}
	type tag struct{ Key, Value string }
	type mapping struct {
		ResourceARN string
		Tags        []tag
	}
	var all []mapping
	// What is in this region; nothing of these environments is in another.
	if strings.Contains(r.Header.Get("Authorization"), "/"+a.region+"/") {
		for _, o := range listed(a.cloud) {
			if len(o.Tags) == 0 || slices.Contains(explorerAlone, o.Type) {
				continue
			}
			m := mapping{ResourceARN: a.arn(o)}
			if m.ResourceARN == "" {
				refuse("InternalServiceException", o.String()+" bears tags and has no ARN: add its form to tests/account/aws.go")
				return
			}
			for _, key := range slices.Sorted(maps.Keys(o.Tags)) {
				m.Tags = append(m.Tags, tag{key, o.Tags[key]})
			}
			all = append(all, m)
		}
	}
	part, next, err := page(all, asked.PaginationToken, asked.ResourcesPerPage)
	if err != nil {
		refuse("PaginationTokenExpiredException", err.Error())
		return
	}
	answer(w, http.StatusOK, json11, map[string]any{"ResourceTagMappingList": part, "PaginationToken": next})
}

// explored answers ListResources (https://docs.aws.amazon.com/resource-explorer/latest/apireference/API_ListResources.html).
func (a awsAccount) explored(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		MaxResults int
		NextToken  string
	}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &asked)
	}
	if err != nil || asked.MaxResults < 1 || asked.MaxResults > 1000 {
		answer(w, http.StatusBadRequest, "application/json", map[string]string{"Message": fmt.Sprintf("MaxResults must be 1 to 1000 (%v)", err)})
		return
	}
	var all []map[string]any
	for _, o := range listed(a.cloud) {
		if arn := a.arn(o); arn != "" {
			parts := strings.SplitN(arn, ":", 6)
			all = append(all, map[string]any{"Arn": arn, "OwningAccountId": a.account, "Region": a.region, "Service": parts[2]})
		}
	}
	part, next, err := page(all, asked.NextToken, asked.MaxResults)
	if err != nil {
		answer(w, http.StatusBadRequest, "application/json", map[string]string{"Message": err.Error()})
		return
	}
	out := map[string]any{"Resources": part}
	if next != "" {
		out["NextToken"] = next
	}
	answer(w, http.StatusOK, "application/json", out)
}
