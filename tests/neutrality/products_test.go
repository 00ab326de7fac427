// Package neutrality proves that what is the same on every cloud knows no cloud's products.
package neutrality

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// products are names by which clouds sell what the contracts ask for.
var products = regexp.MustCompile(`\b(EKS|AKS|GKE|RDS|SQS|SNS|MSK|DynamoDB|Aurora|CloudWatch|CloudTrail|GuardDuty|API Gateway|Secrets Manager|` +
	`Cosmos|Service Bus|Event Hubs|Key Vault|Log Analytics|API Management|Flexible Server|` +
	`Cloud SQL|Firestore|Pub/Sub|Secret Manager|Cloud Armor|Cloud NAT)\b`)

// own are where a cloud's products may be named.
var own = []string{"components/aws", "components/azure", "components/gcp", "stacks/platform/clouds_"}

func TestNeutralCodeNamesNoCloudsProduct(t *testing.T) {
	root, read := os.DirFS("../.."), 0
	for _, folder := range []string{"components", "stacks"} {
		if err := fs.WalkDir(root, folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			for _, prefix := range own {
				if strings.HasPrefix(path, prefix) {
					return nil
				}
			}
			text, err := fs.ReadFile(root, path)
			read++
			for i, line := range strings.Split(string(text), "\n") {
				if product := products.FindString(line); product != "" {
					t.Errorf("%s:%d names %s, which is one cloud's", path, i+1, product)
				}
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if read < 50 {
		t.Errorf("only %d files were read", read)
	}
}

func TestAProductIsFoundByItsName(t *testing.T) {
	for text, want := range map[string]string{"a queue of SQS": "SQS", "the Key Vault of keys": "Key Vault", "a queue for each consumer": ""} {
		if got := products.FindString(text); got != want {
			t.Errorf("in %q: got %q, want %q", text, got, want)
		}
	}
}
