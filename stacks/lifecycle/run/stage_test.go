package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// clock is a time that passes when a stage says so.
type clock struct{ now time.Time }

func (c *clock) work(d time.Duration) func(context.Context, func(string, ...any)) error {
	return func(_ context.Context, say func(string, ...any)) error {
		c.now = c.now.Add(d)
		say("worked %s", d)
		return nil
	}
}

func toldTo(out *bytes.Buffer, c *clock) *Progress {
	p := NewProgress(out)
	p.clock, p.every = func() time.Time { return c.now }, time.Hour
	return p
}

func TestStagesAreTimedAndHeldAgainstTheirBudget(t *testing.T) {
	var out bytes.Buffer
	c := &clock{time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)}
	s, err := Run(context.Background(), toldTo(&out, c), "rebuild", "dev-aws",
		Stage{Name: "destroy", Expected: 5 * time.Minute, Budget: 10 * time.Minute, Do: c.work(4 * time.Minute)},
		Stage{Name: "up", Budget: 10 * time.Minute, Do: c.work(11 * time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	if over := s.Over(); len(over) != 1 || over[0] != "up took 11m0s, and 10m0s are allowed" {
		t.Errorf("over budget are %q", over)
	}
	if want := "1/2 destroy: begun, expected to take 5m0s\n1/2 destroy: worked 4m0s\n1/2 destroy: done after 4m0s\n" +
		"2/2 up: begun\n2/2 up: worked 11m0s\n2/2 up: done after 11m0s\n"; out.String() != want {
		t.Errorf("told:\n%s\nwant:\n%s", out.String(), want)
	}
	var text bytes.Buffer
	if err := s.Write(&text, "text"); err != nil {
		t.Fatal(err)
	}
	if want := "rebuild of dev-aws, 15m0s\n  destroy  done         4m0s   of 10m0s\n  up       over budget  11m0s  of 10m0s\n"; text.String() != want {
		t.Errorf("summary:\n%s\nwant:\n%s", text.String(), want)
	}
	text.Reset()
	if err := s.Write(&text, "json"); err != nil {
		t.Fatal(err)
	}
	var read Summary
	if err := json.Unmarshal(text.Bytes(), &read); err != nil || read.Stages[1].Seconds != 660 || !read.Stages[1].Over || read.Stages[0].Budget != 600 {
		t.Errorf("as JSON %+v (%v)", read, err)
	}
}

func TestAStageThatFailsIsTheLast(t *testing.T) {
	var out bytes.Buffer
	c := &clock{time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)}
	broken := errors.New("no capacity")
	s, err := Run(context.Background(), toldTo(&out, c), "rebuild", "dev-aws",
		Stage{Name: "destroy", Do: func(context.Context, func(string, ...any)) error { return broken }},
		Stage{Name: "up", Do: c.work(time.Minute)})
	if !errors.Is(err, broken) || len(s.Stages) != 1 || s.Stages[0].Error != "no capacity" {
		t.Errorf("ended with %v after %+v", err, s.Stages)
	}
	if !strings.Contains(out.String(), "1/2 destroy: failed after") {
		t.Errorf("told:\n%s", out.String())
	}
}

func TestAnInterruptedVerbBeginsNoFurtherStage(t *testing.T) {
	c := &clock{}
	ctx, stop := context.WithCancel(context.Background())
	s, err := Run(ctx, toldTo(&bytes.Buffer{}, c), "rebuild", "dev-aws",
		Stage{Name: "destroy", Do: func(context.Context, func(string, ...any)) error { stop(); return nil }},
		Stage{Name: "up", Do: c.work(time.Minute)})
	if !errors.Is(err, context.Canceled) || len(s.Stages) != 1 {
		t.Errorf("ended with %v after %+v", err, s.Stages)
	}
}

func TestProgressTellsWhatTheEngineHasDone(t *testing.T) {
	var out bytes.Buffer
	c := &clock{time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)}
	p := toldTo(&out, c)
	if _, err := Run(context.Background(), p, "rebuild", "dev-aws", Stage{Name: "up", Expected: 10 * time.Minute,
		Do: func(context.Context, func(string, ...any)) error {
			for _, op := range []apitype.OpType{apitype.OpSame, apitype.OpCreate, apitype.OpCreate} {
				p.Watch(apitype.EngineEvent{ResOutputsEvent: &apitype.ResOutputsEvent{
					Metadata: apitype.StepEventMetadata{Op: op, Type: "aws:ec2/vpc:Vpc"},
				}})
			}
			c.now = c.now.Add(90 * time.Second)
			p.tell()
			return nil
		}}); err != nil {
		t.Fatal(err)
	}
	if want := "1/1 up: 1m30s of about 10m0s, 2 done, latest create of aws:ec2/vpc:Vpc\n"; !strings.Contains(out.String(), want) {
		t.Errorf("told:\n%s\nwithout %q", out.String(), want)
	}
}

func TestAFaultSaysWhatTheEngineAndThePoliciesSaid(t *testing.T) {
	err := told([]apitype.EngineEvent{
		{DiagnosticEvent: &apitype.DiagnosticEvent{Severity: "error", URN: "urn:a", Message: "<{%fg 1%}>no capacity<{%reset%}>\n"}},
		{DiagnosticEvent: &apitype.DiagnosticEvent{Severity: "warning", Message: "old"}},
		{PolicyEvent: &apitype.PolicyEvent{EnforcementLevel: "mandatory", ResourceURN: "urn:b", PolicyName: "tags", Message: "lacks team"}},
		{PolicyEvent: &apitype.PolicyEvent{EnforcementLevel: "advisory", PolicyName: "size", Message: "large"}},
	}, errors.New("failed to run update: exit status 255\ncode: 255\nstdout: much"))
	if want := "failed to run update: exit status 255\n  urn:a: no capacity\n  urn:b: tags: lacks team"; err.Error() != want {
		t.Errorf("says %q, want %q", err.Error(), want)
	}
}
