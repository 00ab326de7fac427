package forge

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// issue is one of the repository; pull requests are in the same list
// (https://docs.github.com/rest/issues/issues#list-repository-issues).
type issue struct {
	Number      int       `json:"number"`
	Title       string    `json:"title"`
	Body        string    `json:"body"`
	URL         string    `json:"html_url"`
	PullRequest *struct{} `json:"pull_request"`
}

// longest is how many characters a body may have.
const longest = 65536

// Issue keeps one open issue, known by the marker: it is opened where there is none, and updated where it says something else. It
// returns where the issue is.
func (f *Forge) Issue(ctx context.Context, marker, title, body string) (string, error) {
	text := marker + "\n" + body
	if runes := []rune(text); len(runes) > longest {
		const cut = "\n\nThe rest is left out: it is longer than an issue may be.\n"
		text = string(runes[:longest-len(cut)]) + cut
	}
	before, err := f.open(ctx, marker)
	if err != nil {
		return "", err
	}
	content, now := map[string]string{"title": title, "body": text}, issue{}
	switch {
	case before == nil:
		_, err = f.Do(ctx, http.MethodPost, "/issues", content, &now)
	case before.Body == text && before.Title == title:
		return before.URL, nil
	default:
		_, err = f.Do(ctx, http.MethodPatch, fmt.Sprintf("/issues/%d", before.Number), content, &now)
	}
	return now.URL, err
}

// CloseIssue closes the open issue of a marker, if there is one, and says why in its body.
func (f *Forge) CloseIssue(ctx context.Context, marker, body string) (string, error) {
	before, err := f.open(ctx, marker)
	if err != nil || before == nil {
		return "", err
	}
	now := issue{}
	_, err = f.Do(ctx, http.MethodPatch, fmt.Sprintf("/issues/%d", before.Number),
		map[string]string{"state": "closed", "state_reason": "completed", "body": marker + "\n" + body}, &now)
	return now.URL, err
}

// open reads all pages until the open issue of the marker is found.
func (f *Forge) open(ctx context.Context, marker string) (*issue, error) {
	for path := fmt.Sprintf("/issues?state=open&per_page=%d", perPage); path != ""; {
		var page []issue
		next, err := f.Do(ctx, http.MethodGet, path, nil, &page)
		if err != nil {
			return nil, err
		}
		for _, i := range page {
			// Only at its beginning: an issue that quotes this one is another.
			if i.PullRequest == nil && strings.HasPrefix(i.Body, marker) {
				return &i, nil
			}
		}
		path = next
	}
	return nil, nil
}
