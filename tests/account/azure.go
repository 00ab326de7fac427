package account

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"platform/tests/cloud"
)

// graphPage is how many things a page of Resource Graph has at most
// (https://learn.microsoft.com/azure/governance/resource-graph/concepts/work-with-data#paging-results).
const graphPage = 1000

// Azure answers as Resource Graph does for a subscription
// (https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources).
func Azure(c *cloud.Cloud, subscription string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /providers/Microsoft.ResourceGraph/resources", func(w http.ResponseWriter, r *http.Request) {
		refuse := func(code, message string) {
			answer(w, http.StatusBadRequest, "application/json", map[string]any{"error": map[string]string{"code": code, "message": message}})
		}
		var asked struct {
			Query         string   `json:"query"`
			Subscriptions []string `json:"subscriptions"`
			Options       struct {
				SkipToken    string `json:"$skipToken"`
				ResultFormat string `json:"resultFormat"`
			} `json:"options"`
		}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			refuse("BadRequest", err.Error())
			return
		}
		switch {
		case !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer "):
			refuse("AuthenticationFailed", "a token is needed")
		case !slices.Equal(asked.Subscriptions, []string{subscription}):
			refuse("NoValidSubscriptionsInQueryRequest", "the credentials are of "+subscription)
		// What another question would be answered is not known here.
		case !strings.HasPrefix(asked.Query, "resources | union (resourcecontainers") || asked.Options.ResultFormat != "objectArray":
			refuse("InvalidQuery", "this question is not answered: "+asked.Query)
		default:
			all := graph(c)
			part, next, err := page(all, asked.Options.SkipToken, graphPage)
			if err != nil {
				refuse("BadRequest", err.Error())
				return
			}
			out := map[string]any{"totalRecords": len(all), "count": len(part), "resultTruncated": "false", "data": part}
			if next != "" {
				out["$skipToken"] = next
			}
			answer(w, http.StatusOK, "application/json", out)
		}
	})
	return mux
}

// graph are the resources that Resource Graph lists: those right below a provider, and the groups that they are in.
// What was deleted softly is in neither.
func graph(c *cloud.Cloud) []map[string]any {
	out := []map[string]any{}
	for _, o := range listed(c) {
		if o.Retained != "" && o.Locked == "" {
			continue
		}
		typ := armType(o.ID)
		if typ == "" {
			continue
		}
		row := map[string]any{"id": o.ID, "type": typ, "location": o.Str("location"), "tags": tagsOf(o), "managedBy": o.Str("managedBy")}
		if o.Hidden && o.Owner.ID != "" && strings.HasPrefix(o.Owner.ID, "/subscriptions/") && typ == "microsoft.resources/subscriptions/resourcegroups" {
			row["managedBy"] = o.Owner.ID
		}
		out = append(out, row)
	}
	slices.SortFunc(out, func(a, b map[string]any) int { return strings.Compare(a["id"].(string), b["id"].(string)) })
	return out
}

// armType is the type that a resource id tells; empty if it is a part of another resource, or of none of these tables.
func armType(id string) string {
	parts := strings.Split(strings.Trim(strings.ToLower(id), "/"), "/")
	switch {
	case len(parts) == 4 && parts[2] == "resourcegroups":
		return "microsoft.resources/subscriptions/resourcegroups"
	case len(parts) == 8 && parts[2] == "resourcegroups" && parts[4] == "providers" && !strings.HasPrefix(parts[5], "microsoft.authorization"):
		return parts[5] + "/" + parts[6]
	}
	return ""
}
