package checks

import "platform/tests/cloud"

// keyed says by which property a type names the customer's own key.
var keyed = map[string]string{
	"aws:sqs/queue:Queue": "kmsMasterKeyId", "aws:sns/topic:Topic": "kmsMasterKeyId", "aws:rds/instance:Instance": "kmsKeyId",
	"aws:dynamodb/table:Table": "serverSideEncryption.kmsKeyArn", "aws:cloudwatch/logGroup:LogGroup": "kmsKeyId",
	"aws:eks/cluster:Cluster": "encryptionConfig.provider.keyArn", "aws:secretsmanager/secret:Secret": "kmsKeyId",
}

// Encryption finds what is not encrypted with a key of our own, and machines whose metadata service
// answers without a token.
func Encryption(objects []*cloud.Object) []Finding {
	var out []Finding
	for _, o := range objects {
		if o.Retained != "" {
			continue
		}
		if property, ok := keyed[o.Type]; ok && o.Str(property) == "" {
			out = append(out, Finding{"encryption", o.String(), property + " to name a key", "none", see(o)})
		}
		if o.Type == "ec2:volume" && !o.Bool("encrypted") {
			out = append(out, Finding{"encryption", o.String(), "an encrypted volume", "a plain one", see(o)})
		}
		if o.Type == "aws:ec2/launchTemplate:LaunchTemplate" && o.Str("metadataOptions.httpTokens") != "required" {
			out = append(out, Finding{"encryption", o.String(), "IMDSv2 to be required", "optional", see(o)})
		}
	}
	return out
}
