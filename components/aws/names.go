package aws

import (
	"fmt"

	"platform/components/naming"
)

// Kind is a kind of physical name.
type Kind string

// The kinds of physical name that the driver gives.
const (
	KindAPI             Kind = "api"
	KindAlarm           Kind = "alarm"
	KindBucket          Kind = "bucket"
	KindCluster         Kind = "cluster"
	KindDatabase        Kind = "database"
	KindDatabaseGroup   Kind = "database-group" // subnet and parameter groups
	KindDatabaseProxy   Kind = "database-proxy"
	KindEventRule       Kind = "event-rule"
	KindInstanceProfile Kind = "instance-profile"
	KindKeyAlias        Kind = "key-alias"
	KindLaunchTemplate  Kind = "launch-template"
	KindLoadBalancer    Kind = "load-balancer"
	KindLogGroup        Kind = "log-group"
	KindNodeGroup       Kind = "node-group"
	KindPack            Kind = "pack" // of rules of AWS Config
	KindQueue           Kind = "queue"
	KindRecorder        Kind = "recorder" // of AWS Config, and its delivery channel
	KindRole            Kind = "role"
	KindRolePolicy      Kind = "role-policy"
	KindSecret          Kind = "secret"
	KindSecurityGroup   Kind = "security-group"
	KindSnapshot        Kind = "snapshot"
	KindTable           Kind = "table"
	KindTargetGroup     Kind = "target-group"
	KindTopic           Kind = "topic"
	KindTrail           Kind = "trail"
	KindTrailBucket     Kind = "trail-bucket" // without the engine's random text
	KindVPCLink         Kind = "vpc-link"
)

// rule is what AWS says about one kind of name.
type rule struct {
	max    int    // characters, prefix included
	prefix string // stands before the name as it is
	// global names are shared by all accounts of the world, so they carry the account and region.
	global bool
}

// secretSuffix is what is left free at the end of a secret's name, for a hyphen and what the provider
// appends to tell a secret from a deleted one.
const secretSuffix = 27

// kinds is the table of limits. Sources:
//   - apis, VPC links: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html
//   - alarms: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
//   - buckets: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
//   - clusters: https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html
//   - databases, groups, snapshots: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html
//   - rules of events: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
//   - profiles of machines: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html
//   - proxies: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBProxy.html
//   - key aliases: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
//   - launch templates: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html
//   - load balancers: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
//   - target groups: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
//   - log groups: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
//   - node groups: https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html
//   - queues: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
//   - packs: https://docs.aws.amazon.com/config/latest/APIReference/API_PutConformancePack.html
//   - recorders, delivery channels: https://docs.aws.amazon.com/config/latest/APIReference/API_DeliveryChannel.html
//   - roles, role policies: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
//   - secrets: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
//   - security groups: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
//   - tables: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
//   - trails: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html
//   - topics: https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
var kinds = map[Kind]rule{
	KindAPI:             {max: 128},
	KindAlarm:           {max: 255},
	KindBucket:          {max: 63, global: true},
	KindCluster:         {max: 100},
	KindDatabase:        {max: 63},
	KindDatabaseGroup:   {max: 255},
	KindDatabaseProxy:   {max: 63},
	KindEventRule:       {max: 64},
	KindInstanceProfile: {max: 128},
	KindKeyAlias:        {max: 256, prefix: "alias/"},
	KindLaunchTemplate:  {max: 128},
	KindLoadBalancer:    {max: 32},
	KindLogGroup:        {max: 512, prefix: "/platform/"},
	KindNodeGroup:       {max: 63},
	KindPack:            {max: 256},
	KindQueue:           {max: 80},
	KindRecorder:        {max: 256},
	KindRole:            {max: 64},
	KindRolePolicy:      {max: 128},
	KindSecret:          {max: 512 - secretSuffix},
	KindSecurityGroup:   {max: 255},
	KindSnapshot:        {max: 255},
	KindTable:           {max: 255},
	KindTargetGroup:     {max: 32},
	KindTopic:           {max: 256},
	KindTrail:           {max: 128},
	KindTrailBucket:     {max: 55, global: true},
	KindVPCLink:         {max: 128},
}

// physical is the name of a resource in AWS: "<environment>-<parts>", cut to what the kind allows.
// Equal arguments give equal names, so a rebuilt environment has the names it had.
func (d *Driver) physical(kind Kind, parts ...string) string {
	r, ok := kinds[kind]
	if !ok {
		panic(fmt.Sprintf("aws: no limits for names of kind %q: add it to the table in names.go", kind))
	}
	all := append([]string{d.s.Environment}, parts...)
	if r.global {
		all = append(all, d.s.Account, d.s.Region)
	}
	return r.prefix + naming.Fit(r.max-len(r.prefix), all...)
}
