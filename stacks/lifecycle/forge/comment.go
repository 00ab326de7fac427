package forge

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// comment is one of a pull request, which the API keeps as one of an issue (https://docs.github.com/rest/issues/comments).
type comment struct {
	ID   int64  `json:"id"`
	Body string `json:"body"`
	User struct {
		Login string `json:"login"`
	} `json:"user"`
	URL string `json:"html_url"`
}

// perPage is the most that a page may hold (https://docs.github.com/rest/issues/comments#list-issue-comments).
const perPage = 100

// Comment writes a comment into a pull request, in place of the one that the author wrote before: it is known by the marker, which it
// must hold. What somebody else wrote with the same marker is left alone. It returns where the comment is.
func (f *Forge) Comment(ctx context.Context, number int, author, marker, body string) (string, error) {
	if !strings.Contains(body, marker) {
		return "", fmt.Errorf("the comment does not hold its marker %s: it would not be found again", marker)
	}
	before, err := f.find(ctx, number, author, marker)
	if err != nil {
		return "", err
	}
	content, now := map[string]string{"body": body}, comment{}
	switch {
	case before == nil:
		_, err = f.Do(ctx, http.MethodPost, fmt.Sprintf("/issues/%d/comments", number), content, &now)
	case before.Body == body:
		return before.URL, nil
	default:
		_, err = f.Do(ctx, http.MethodPatch, fmt.Sprintf("/issues/comments/%d", before.ID), content, &now)
	}
	return now.URL, err
}

// find reads all pages until the comment is found.
func (f *Forge) find(ctx context.Context, number int, author, marker string) (*comment, error) {
	for path := fmt.Sprintf("/issues/%d/comments?per_page=%d", number, perPage); path != ""; {
		var page []comment
		next, err := f.Do(ctx, http.MethodGet, path, nil, &page)
		if err != nil {
			return nil, err
		}
		for _, c := range page {
			if c.User.Login == author && strings.Contains(c.Body, marker) {
				return &c, nil
			}
		}
		path = next
	}
	return nil, nil
}
