package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"platform/stacks/lifecycle/forge"
)

// bot is who writes with the token of a workflow (https://docs.github.com/actions/concepts/security/github_token).
const bot = "github-actions[bot]"

type post struct {
	reports, expected, author, commit string
	number                            int
	printed                           bool
}

// CommentCommand writes the one comment of a pull request out of the reviews of its environments.
func CommentCommand(lookup func(string) (string, bool)) *cobra.Command {
	p := post{}
	c := &cobra.Command{
		Use:   "comment",
		Short: "Write the one comment of a pull request out of the reviews of its environments, in place of the one before",
		Long: `Puts the reviews of the environments that a change touches into one comment, and writes it into the pull request in place of the
one before. A comment that would be too long loses what matters least, and says so. An environment that is expected and of which there is no
review is told, and refused.

The forge is that of the variables GITHUB_API_URL, GITHUB_REPOSITORY and GITHUB_TOKEN, as GitHub's runners set them; with
GITHUB_SERVER_URL and GITHUB_RUN_ID the comment links to the run.

Exit status: 0; 1 after an error; 3 if the change must not be merged as it is.`,
		Example: `  lifecycle comment --reports bin/reviews --expected '["dev-aws","prod-aws"]' --pull-request 17 --commit 1d72b86
  lifecycle comment --reports bin/reviews --expected '["dev-aws"]' --print`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.run(c.Context(), c.OutOrStdout(), func(name string) string { v, _ := lookup(name); return v })
		},
	}
	flags := c.Flags()
	flags.StringVar(&p.reports, "reports", "bin/reviews", "`folder` of the reviews, which lifecycle review --report wrote")
	flags.StringVar(&p.expected, "expected", "", "the environments of which a review must be there, as `JSON`: what lifecycle touched printed")
	flags.IntVar(&p.number, "pull-request", 0, "its `number`")
	flags.StringVar(&p.author, "author", bot, "who the token's comments are by")
	flags.StringVar(&p.commit, "commit", "", "that is reviewed")
	flags.BoolVar(&p.printed, "print", false, "print the comment, and write none")
	if err := c.MarkFlagRequired("expected"); err != nil {
		panic(err) // the flag is defined above
	}
	return c
}

var commitID = regexp.MustCompile(`^[0-9a-f]{7,64}$`)

func (p post) run(ctx context.Context, out io.Writer, variable func(string) string) error {
	var expected []string
	var faults []error
	if err := json.Unmarshal([]byte(p.expected), &expected); err != nil {
		faults = append(faults, fmt.Errorf("--expected: value %q: a JSON list of environments is allowed", p.expected))
	}
	if p.commit != "" && !commitID.MatchString(p.commit) {
		faults = append(faults, fmt.Errorf("--commit: value %q: the commit's hash is allowed", p.commit))
	}
	var to *forge.Forge
	if !p.printed {
		if p.number < 1 {
			faults = append(faults, fmt.Errorf("--pull-request: value \"%d\": a number from 1 is allowed", p.number))
		}
		api := variable("GITHUB_API_URL")
		if api == "" {
			api = forge.Public
		}
		var err error
		to, err = forge.New(api, variable("GITHUB_REPOSITORY"), variable("GITHUB_TOKEN"))
		faults = append(faults, err)
	}
	reports, err := readAll(os.DirFS(p.reports), expected)
	faults = append(faults, err)
	if err := errors.Join(faults...); err != nil {
		return err
	}
	change := Change{Commit: p.commit, Run: runOf(variable)}
	var why []string
	for _, environment := range expected {
		i := slices.IndexFunc(reports, func(r Report) bool { return r.Environment == environment })
		if i < 0 {
			change.Missing = append(change.Missing, environment)
			why = append(why, environment+": no review")
			continue
		}
		if blocking := reports[i].Blocking(); len(blocking) > 0 {
			why = append(why, environment+": "+strings.Join(blocking, ", "))
		}
	}
	text := Comment(reports, change)
	if p.printed {
		if _, err := io.WriteString(out, text); err != nil {
			return err
		}
	} else {
		at, err := to.Comment(ctx, p.number, p.author, Marker, text)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "lifecycle: the review is at %s\n", at)
	}
	if len(why) > 0 {
		return BlockedError{why}
	}
	return nil
}

// runOf is where the run of a workflow is.
func runOf(variable func(string) string) string {
	server, repository, id := variable("GITHUB_SERVER_URL"), variable("GITHUB_REPOSITORY"), variable("GITHUB_RUN_ID")
	if server == "" || repository == "" || id == "" {
		return ""
	}
	at, err := url.JoinPath(server, repository, "actions", "runs", id)
	if err != nil || strings.ContainsAny(at, " <>()\n") {
		return ""
	}
	return at
}

// readAll reads the reviews that are there; what is of an environment that nobody expects is a fault.
func readAll(folder fs.FS, expected []string) ([]Report, error) {
	names, err := fs.Glob(folder, "*.json")
	if err != nil {
		return nil, err
	}
	var out []Report
	var faults []error
	for _, name := range names {
		raw, err := fs.ReadFile(folder, name)
		if err != nil {
			faults = append(faults, fmt.Errorf("--reports: %w", err))
			continue
		}
		r, err := Read(raw)
		switch {
		case err != nil:
			faults = append(faults, fmt.Errorf("--reports: %s: %w", name, err))
		case r.Environment+".json" != name || !slices.Contains(expected, r.Environment):
			faults = append(faults, fmt.Errorf("--reports: %s: is of %q: one <environment>.json for each of --expected %v is allowed", name, r.Environment, expected))
		default:
			out = append(out, r)
		}
	}
	return out, errors.Join(faults...)
}
