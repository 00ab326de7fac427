package run

import (
	"context"
	"fmt"
	"time"
)

// Stage is a part of a verb whose time is told.
type Stage struct {
	Name string
	// Expected is how long it will take, as far as anybody knows; Budget how long it may. Zero is unknown, and no bound.
	Expected, Budget time.Duration
	Do               func(ctx context.Context, say func(format string, args ...any)) error
}

// Took is what became of a stage.
type Took struct {
	Name     string        `json:"name"`
	Took     time.Duration `json:"-"`
	Seconds  float64       `json:"seconds"`
	Expected float64       `json:"expectedSeconds,omitempty"`
	Budget   float64       `json:"budgetSeconds,omitempty"`
	Over     bool          `json:"overBudget,omitempty"`
	Said     []string      `json:"said,omitempty"`
	Error    string        `json:"error,omitempty"`
}

// Summary is what a verb did.
type Summary struct {
	Verb        string  `json:"verb"`
	Environment string  `json:"environment,omitempty"`
	Seconds     float64 `json:"seconds"`
	Stages      []Took  `json:"stages"`
}

// Over names the stages that took longer than they may.
func (s Summary) Over() []string {
	var out []string
	for _, stage := range s.Stages {
		if stage.Over {
			out = append(out, fmt.Sprintf("%s took %s, and %s are allowed", stage.Name, Round(stage.Took), Round(seconds(stage.Budget))))
		}
	}
	return out
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// Round is a time as people read it.
func Round(d time.Duration) time.Duration {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond)
	}
	return d.Round(time.Second)
}

// Run does the stages in their order, and ends with the first that fails; those after it are not in the summary.
func Run(ctx context.Context, p *Progress, verb, environment string, stages ...Stage) (Summary, error) {
	s := Summary{Verb: verb, Environment: environment}
	begun := p.now()
	for i, stage := range stages {
		if err := ctx.Err(); err != nil {
			return s, err
		}
		took := Took{Name: stage.Name, Expected: stage.Expected.Seconds(), Budget: stage.Budget.Seconds()}
		p.begin(fmt.Sprintf("%d/%d %s", i+1, len(stages), stage.Name), stage.Expected)
		from := p.now()
		err := stage.Do(ctx, func(format string, args ...any) {
			line := fmt.Sprintf(format, args...)
			took.Said = append(took.Said, line)
			p.say(line)
		})
		took.Took = p.now().Sub(from)
		took.Seconds = took.Took.Seconds()
		took.Over = stage.Budget > 0 && took.Took > stage.Budget
		if err != nil {
			took.Error = err.Error()
			err = fmt.Errorf("%s: %w", stage.Name, err)
		}
		p.end(took)
		s.Stages, s.Seconds = append(s.Stages, took), p.now().Sub(begun).Seconds()
		if err != nil {
			return s, err
		}
	}
	return s, nil
}
