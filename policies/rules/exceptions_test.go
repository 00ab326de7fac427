package rules

import (
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"platform/stacks/config"
)

// TestAnExceptionCountsUntilItsDayIsOver lets a database be reached in public by an exception.
func TestAnExceptionCountsUntilItsDayIsOver(t *testing.T) {
	const urn = "urn:pulumi:prod::platform::platform:platform:Platform$aws:rds/instance:Instance::database"
	day := func(text string) config.Date {
		var d config.Date
		if err := d.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, test := range []struct {
		why       string
		exception config.Exception
		want      []string
	}{
		{"of this resource", config.Exception{Rule: "database-not-public", URN: urn, Expires: day("2026-11-26")}, nil},
		{"on its last day", config.Exception{Rule: "database-not-public", URN: urn, Expires: day("2026-11-25")}, nil},
		{"by a pattern", config.Exception{Rule: "database-not-public", URN: "urn:pulumi:prod::platform::*$aws:rds/instance:Instance::*", Expires: day("2026-12-31")}, nil},
		{"of another rule", config.Exception{Rule: "backups", URN: urn, Expires: day("2026-12-31")}, []string{"database-not-public"}},
		{"of another resource", config.Exception{Rule: "database-not-public", URN: urn + "-2", Expires: day("2026-12-31")}, []string{"database-not-public"}},
		{"that is over", config.Exception{Rule: "database-not-public", URN: urn, Owner: "payments", Expires: day("2026-11-24")}, []string{"database-not-public", "exceptions"}},
		{"of no rule", config.Exception{Rule: "no-such-rule", URN: urn, Expires: day("2026-12-31")}, []string{"database-not-public", "exceptions"}},
	} {
		e := production("aws")
		e.Exceptions = []config.Exception{test.exception}
		all := stackOf(readPlanted(t).Whole["aws"], func(e entry, p property.Map) property.Map {
			if e.Name == "database" {
				return p.Set("publiclyAccessible", property.New(true))
			}
			return p
		})
		var got []string
		for _, v := range JudgeAll(all, e) {
			got = append(got, v.Rule.ID)
			if v.ExceptionNote != "" && !strings.Contains(v.Message(), "the exception of payments ended on 2026-11-24") {
				t.Errorf("an exception %s: the message is\n%s", test.why, v.Message())
			}
		}
		if strings.Join(got, " ") != strings.Join(test.want, " ") {
			t.Errorf("an exception %s: found %v, want %v", test.why, got, test.want)
		}
	}
}

func TestAMessageSaysWhatWhereWhyAndHow(t *testing.T) {
	r := Resource{
		Type: "aws:sqs/queue:Queue", URN: "urn:pulumi:prod::platform::aws:sqs/queue:Queue::orders", Name: "orders",
		Props: property.NewMap(map[string]property.Value{"tags": property.New(property.Computed)}),
	}
	found := Judge(r, production("aws"))
	want := `encryption-at-rest: kmsMasterKeyId is nothing; allowed is a key of this environment
  where: aws:sqs/queue:Queue orders (urn:pulumi:prod::platform::aws:sqs/queue:Queue::orders)
  why:   without a key of ours nobody can end a stranger's access to a copied disk, snapshot or backup
  mend:  let the component make its key and hand it to the resource, as the drivers' key files do
  for:   SOC 2 CC6.1; ISO 27001 A.8.24; HIPAA 164.312(a)(2)(iv)`
	if len(found) != 1 || found[0].Message() != want {
		t.Errorf("got %v, want\n%s", found, want)
	}
}

// TestTiersDiffer: what production must have, development may leave out.
func TestTiersDiffer(t *testing.T) {
	e := production("aws")
	e.Tier, e.Today = "development", time.Now()
	all := stackOf(readPlanted(t).Whole["aws"], func(e entry, p property.Map) property.Map {
		if e.Name == "database" {
			p = p.Set("deletionProtection", property.New(false)).Set("multiAz", property.New(false))
			return p.Set("skipFinalSnapshot", property.New(true)).Set("backupRetentionPeriod", property.New(1.0))
		}
		if e.Name == "nodes" {
			return put(p, "scalingConfig.maxSize", property.New(6.0), true)
		}
		return p
	})
	for _, v := range JudgeAll(all, e) {
		t.Error(v.Message())
	}
}
