package run

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"platform/stacks/lifecycle/written"
)

// every is how often a stage that is under way is told of: often enough that nobody takes it for dead, and seldom enough
// for a pipeline's log.
const every = 30 * time.Second

// Progress tells how far a verb is: the stage, what the engine has done of it, the time since it began, and the time
// that it is expected to take.
type Progress struct {
	out   io.Writer
	clock func() time.Time
	every time.Duration

	mu       sync.Mutex
	stage    string
	begun    time.Time
	expected time.Duration
	done     int
	latest   string
	stop     chan struct{}
}

// NewProgress tells on a writer, which is not that of the verb's report.
func NewProgress(out io.Writer) *Progress { return &Progress{out: out, clock: time.Now, every: every} }

func (p *Progress) now() time.Time { return p.clock() }

// Watch counts what the engine has finished.
func (p *Progress) Watch(event apitype.EngineEvent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := event.ResOutputsEvent; e != nil && e.Metadata.Op != apitype.OpSame {
		p.done++
		p.latest = fmt.Sprintf("%s of %s", e.Metadata.Op, e.Metadata.Type)
	}
}

func (p *Progress) begin(stage string, expected time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stage, p.begun, p.expected, p.done, p.latest = stage, p.now(), expected, 0, ""
	p.line("begun" + p.about())
	stop := make(chan struct{})
	p.stop = stop
	go func() {
		tick := time.NewTicker(p.every)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				p.tell()
			}
		}
	}()
}

// about is the time that a stage is expected to take.
func (p *Progress) about() string {
	if p.expected <= 0 {
		return ""
	}
	return fmt.Sprintf(", expected to take %s", Round(p.expected))
}

func (p *Progress) tell() {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := fmt.Sprintf("%s", Round(p.now().Sub(p.begun)))
	if p.expected > 0 {
		text += fmt.Sprintf(" of about %s", Round(p.expected))
	}
	if p.done > 0 {
		text += fmt.Sprintf(", %d done, latest %s", p.done, p.latest)
	}
	p.line(text)
}

func (p *Progress) say(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.line(line)
}

func (p *Progress) end(t Took) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.stop)
	word := "done"
	if t.Error != "" {
		word = "failed"
	}
	p.line(fmt.Sprintf("%s after %s", word, Round(t.Took)))
}

func (p *Progress) line(text string) {
	fmt.Fprintf(p.out, "%s: %s\n", p.stage, strings.TrimRight(text, "\n"))
}

// Write writes a summary for people, or for programs if the format is json.
func (s Summary) Write(out io.Writer, format string) error {
	if format == "json" {
		return written.JSON(out, s)
	}
	if s.Environment == "" {
		fmt.Fprintf(out, "%s, %s\n", s.Verb, Round(seconds(s.Seconds)))
	} else {
		fmt.Fprintf(out, "%s of %s, %s\n", s.Verb, s.Environment, Round(seconds(s.Seconds)))
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, stage := range s.Stages {
		end, budget := "done", ""
		switch {
		case stage.Error != "":
			end = "failed"
		case stage.Over:
			end = "over budget"
		}
		if stage.Budget > 0 {
			budget = fmt.Sprintf("of %s", Round(seconds(stage.Budget)))
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", stage.Name, end, Round(stage.Took), budget)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	return nil
}
