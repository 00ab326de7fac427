package aws

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/internal/record"
)

// provisioned are the resources of a cluster, and what makes its nodes.
func provisioned(t *testing.T) (record.Resources, *cluster.Provisioner) {
	t.Helper()
	var out *cluster.Provisioner
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		c, err := cluster.New(ctx, "cluster", d, clusterArgs())
		if err == nil {
			out = c.Outputs.Provisioner
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if out == nil {
		t.Fatal("nobody makes nodes")
	}
	return resources, out
}

func TestMachinesOfServicesDemandTokensEncryptDisksAndTagWhatTheyBring(t *testing.T) {
	_, got := provisioned(t)
	for name, types := range map[string][]string{
		"general": {"m7i.xlarge"}, "spot": {"m7i.xlarge", "m6i.xlarge", "m6a.xlarge", "m5.xlarge"},
	} {
		class := got.Classes[name]
		if class.APIVersion != "karpenter.k8s.aws/v1" || class.Kind != "EC2NodeClass" || class.Cores != 4 || !slices.Equal(class.Types, types) {
			t.Errorf("%s: %s %s of %v with %d cores", name, class.APIVersion, class.Kind, class.Types, class.Cores)
		}
		record.SameInputs(t, class.Spec, map[string]any{
			"instanceProfile":            "dev-aws-cluster-nodes",
			"amiSelectorTerms":           []any{map[string]any{"alias": machineImages["1.33"]}},
			"subnetSelectorTerms":        []any{map[string]any{"id": "subnet-a"}, map[string]any{"id": "subnet-b"}},
			"securityGroupSelectorTerms": []any{map[string]any{"id": "sg-cluster"}},
			"metadataOptions":            map[string]any{"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1},
			"blockDeviceMappings": []any{map[string]any{"deviceName": "/dev/xvda", "ebs": map[string]any{
				"volumeType": "gp3", "volumeSize": "80Gi", "encrypted": true, "kmsKeyID": "arn:cluster-disk-key", "deleteOnTermination": true,
			}}},
			"tags": map[string]string{"team": "platform"},
		})
	}
	if _, made := got.Classes["system"]; made {
		t.Error("the system pool, in which it runs, is its own work")
	}
}

// TestImagesAreNamedForEveryVersion: an alias that moves would renew all nodes on a day that AWS chooses.
func TestImagesAreNamedForEveryVersion(t *testing.T) {
	for _, version := range New(Settings{}).ClusterOffer().Versions {
		if alias := machineImages[version]; !strings.HasPrefix(alias, "al2023@v20") {
			t.Errorf("the image for Kubernetes %s is %q: a release of al2023 is needed", version, alias)
		}
	}
}

// TestWhoMakesNodesMayDoNoMore reads what the role may: each action once, on what is named or bears the cluster's tag.
func TestWhoMakesNodesMayDoNoMore(t *testing.T) {
	resources, _ := provisioned(t)
	var document struct {
		Statement []struct {
			Sid              string
			Action, Resource []string
			Condition        map[string]map[string][]string
		}
	}
	text := resources["aws:iam/rolePolicy:RolePolicy cluster-provisioner-policy"]["policy"].StringValue()
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	const owner = "Tag/kubernetes.io/cluster/dev-aws-cluster"
	for _, s := range document.Statement {
		conditions := ""
		for _, by := range s.Condition {
			for key := range by {
				conditions += key + " "
			}
		}
		for _, action := range s.Action {
			_, verb, _ := strings.Cut(action, ":")
			looks := strings.HasPrefix(verb, "Describe") || strings.HasPrefix(verb, "Get")
			for _, resource := range s.Resource {
				// The disk of an image starts nothing without it.
				named := !strings.HasSuffix(resource, "*") || strings.HasSuffix(resource, "::snapshot/*")
				if !looks && !named && !strings.Contains(conditions, owner) && !strings.Contains(conditions, "ec2:Owner") {
					t.Errorf("%s: %s on %s under %q: a name or the cluster's tag is needed", s.Sid, action, resource, conditions)
				}
			}
		}
	}
	for _, absent := range []string{"iam:CreateInstanceProfile", "pricing:", "iam:GetInstanceProfile", `"ec2:*"`} {
		if strings.Contains(text, absent) {
			t.Errorf("it may %s, which it does not need", absent)
		}
	}
	for _, needed := range []string{"arn:cluster-nodes-role", "subnet/subnet-a", "security-group/sg-cluster", "arn:cluster-interruptions-queue"} {
		if !strings.Contains(text, needed) {
			t.Errorf("%s is not named in\n%s", needed, text)
		}
	}
}

func TestInterruptionsReachTheQueueByFourRulesAlone(t *testing.T) {
	resources, got := provisioned(t)
	record.SameDocument(t, resources["aws:sqs/queuePolicy:QueuePolicy cluster-interruptions-queue-policy"]["policy"].StringValue(), `{"Version":"2012-10-17","Statement":[
		{"Sid":"Deliver","Effect":"Allow","Principal":{"Service":["events.amazonaws.com"]},"Action":["sqs:SendMessage"],"Resource":["arn:cluster-interruptions-queue"],
			"Condition":{"ArnEquals":{"aws:SourceArn":["arn:cluster-interruptions-rule-health","arn:cluster-interruptions-rule-rebalance",
				"arn:cluster-interruptions-rule-spot","arn:cluster-interruptions-rule-state"]}}},
		{"Sid":"DenyInsecureTransport","Effect":"Deny","Principal":{"AWS":["*"]},"Action":["sqs:*"],"Resource":["arn:cluster-interruptions-queue"],
			"Condition":{"Bool":{"aws:SecureTransport":["false"]}}}]}`)
	for event, want := range map[string]string{
		"health":    `{"source":["aws.health"],"detail-type":["AWS Health Event"]}`,
		"rebalance": `{"source":["aws.ec2"],"detail-type":["EC2 Instance Rebalance Recommendation"]}`,
		"spot":      `{"source":["aws.ec2"],"detail-type":["EC2 Spot Instance Interruption Warning"]}`,
		"state":     `{"source":["aws.ec2"],"detail-type":["EC2 Instance State-change Notification"]}`,
	} {
		record.SameDocument(t, resources["aws:cloudwatch/eventRule:EventRule cluster-interruptions-rule-"+event]["eventPattern"].StringValue(), want)
		record.Exactly(t, resources, "aws:cloudwatch/eventTarget:EventTarget cluster-interruptions-target-"+event, map[string]any{
			"rule": "dev-aws-cluster-interruptions-" + event, "targetId": "interruptions", "arn": "arn:cluster-interruptions-queue",
		})
	}
	record.SameInputs(t, got.Settings, map[string]any{
		"clusterName": "dev-aws-cluster", "clusterEndpoint": "https://cluster.example", "eksControlPlane": true, "isolatedVPC": true,
		"interruptionQueue": "dev-aws-cluster-interruptions",
	})
}
