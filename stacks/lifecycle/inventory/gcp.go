//go:build gcp || !(aws || azure)

package inventory

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2/google"

	"platform/stacks/config"
)

// gcp asks Cloud Asset Inventory, which knows all things of a project, with labels or without
// (https://cloud.google.com/asset-inventory/docs/reference/rest/v1/TopLevel/searchAllResources). The generated client for this one
// call would raise the versions of libraries on which everything else here stands; the credentials are Google's own library's.
var gcp = &offered{
	cloud: "gcp",
	open: func(ctx context.Context, s config.Settings) (Inventory, error) {
		client, err := google.DefaultClient(ctx, "https://www.googleapis.com/auth/cloud-platform.read-only")
		if err != nil {
			return nil, fmt.Errorf("find credentials: %w", err)
		}
		// Who only looks needs no more than that; what deletes asks for more when it comes to it.
		return GCP(s.Landing.Account, assetHost, computeHost, client, func(ctx context.Context) (*http.Client, error) {
			return google.DefaultClient(ctx, "https://www.googleapis.com/auth/compute")
		}), nil
	},
	lingers: map[string]string{
		"cloudkms.googleapis.com/keyring":   "nobody can delete a key ring, which costs nothing",
		"cloudkms.googleapis.com/cryptokey": "nobody can delete a key, whose versions are destroyed",
		// A version that was destroyed stays as a record (https://cloud.google.com/kms/docs/key-states).
		"cloudkms.googleapis.com/cryptokeyversion": "a version that was destroyed stays as a record",
	},
}

const assetHost = "https://cloudasset.googleapis.com"

type gcpInventory struct {
	project, host, compute string
	client                 *http.Client
	writes                 func(context.Context) (*http.Client, error)
}

// GCP is the inventory of a project: where Cloud Asset Inventory and Compute Engine answer, who looks, and who deletes.
func GCP(project, assets, compute string, reads *http.Client, writes func(context.Context) (*http.Client, error)) Inventory {
	return gcpInventory{project, assets, compute, reads, writes}
}

// asset is what a search finds. Its state is of types that have one.
type asset struct {
	Name      string            `json:"name"`
	AssetType string            `json:"assetType"`
	Location  string            `json:"location"`
	Labels    map[string]string `json:"labels"`
	Parent    string            `json:"parentFullResourceName"`
	State     string            `json:"state"`
}

// gone are states of what was deleted and can be brought back for a while.
var gone = map[string]bool{"DELETED": true, "DELETE_REQUESTED": true, "DESTROYED": true, "DESTROY_SCHEDULED": true}

// perPage is the most that a page may hold, largest how much of one is read.
const perPage, largest = "500", 64 << 20

func (i gcpInventory) List(ctx context.Context) ([]Item, []string, error) {
	var out []Item
	for token := ""; ; {
		query := url.Values{"pageSize": {perPage}}
		if token != "" {
			query.Set("pageToken", token)
		}
		var page struct {
			Results       []asset `json:"results"`
			NextPageToken string  `json:"nextPageToken"`
		}
		if err := i.call(ctx, i.client, http.MethodGet, i.host+"/v1/projects/"+url.PathEscape(i.project)+":searchAllResources?"+query.Encode(), &page); err != nil {
			return nil, nil, fmt.Errorf("what Cloud Asset Inventory knows: %w", err)
		}
		for _, a := range page.Results {
			// The project itself is there before, and its services are no things.
			if gone[a.State] || strings.HasPrefix(a.AssetType, "cloudresourcemanager.") || strings.HasPrefix(a.AssetType, "serviceusage.") {
				continue
			}
			out = append(out, Item{a.Name, a.AssetType, a.Location, a.Labels, a.Parent})
		}
		if token = page.NextPageToken; token == "" {
			return out, nil, nil
		}
	}
}

// answeredError is an answer that is none.
type answeredError struct {
	code         int
	status, told string
}

func (e answeredError) Error() string {
	return fmt.Sprintf("%s: %s", e.status, cmp.Or(e.told, "no reason was given"))
}

// call asks one of Google's services, and reads what it answers.
func (i gcpInventory) call(ctx context.Context, client *http.Client, method, url string, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return err
	}
	// Who pays for the call is the project asked of: https://cloud.google.com/docs/quotas/set-quota-project
	request.Header.Set("X-Goog-User-Project", i.project)
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, largest))
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		var told struct {
			Error struct {
				Message string `json:"message"`
			} `json:"error"`
		}
		_ = json.Unmarshal(body, &told)
		return answeredError{answer.StatusCode, answer.Status, told.Error.Message}
	}
	return json.Unmarshal(body, into)
}
