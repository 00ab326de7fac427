package account

import (
	"net/http"
	"strconv"
	"strings"

	"platform/tests/cloud"
)

// hosts are the services whose things Cloud Asset Inventory searches, by the module of their types
// (https://cloud.google.com/asset-inventory/docs/supported-asset-types). Empty is one whose things are parts of others.
var hosts = map[string]string{
	"apigateway": "apigateway", "apikeys": "", "projects": "", "certificatemanager": "certificatemanager", "compute": "compute", "container": "container",
	"dns": "dns", "firestore": "firestore", "kms": "cloudkms", "logging": "logging", "monitoring": "monitoring",
	"orgpolicy": "", "pubsub": "pubsub", "secretmanager": "secretmanager", "serviceaccount": "iam", "storage": "storage", "servicenetworking": "",
	"sql": "sqladmin", "resourcemanager": "cloudresourcemanager", "serviceusage": "serviceusage", "iam": "", "servicemanagement": "",
}

// parts are things that a search does not list on their own: grants, entries, records, users.
var parts = []string{"member", "binding", "user", "recordset", "record-set", "routernat", "entries", "peering", "index", "agent", "iampolicy"}

// GCP answers as Cloud Asset Inventory does for a project
// (https://cloud.google.com/asset-inventory/docs/reference/rest/v1/TopLevel/searchAllResources).
func GCP(c *cloud.Cloud, project string) http.Handler {
	mux := http.NewServeMux()
	compute(mux, c, project)
	mux.HandleFunc("GET /v1/projects/{asked}", func(w http.ResponseWriter, r *http.Request) {
		refuse := func(code int, status, message string) {
			answer(w, code, "application/json", map[string]any{"error": map[string]any{"code": code, "status": status, "message": message}})
		}
		size, err := strconv.Atoi(r.URL.Query().Get("pageSize"))
		switch {
		case r.PathValue("asked") != project+":searchAllResources":
			refuse(http.StatusForbidden, "PERMISSION_DENIED", "the credentials are of project "+project)
			return
		case err != nil || size < 1 || size > 500:
			refuse(http.StatusBadRequest, "INVALID_ARGUMENT", "pageSize must be 1 to 500")
			return
		}
		all, unknown := assets(c, project)
		if unknown != "" {
			refuse(http.StatusInternalServerError, "INTERNAL", unknown+" is of no service that is known: add it to tests/account/gcp.go")
			return
		}
		part, next, err := page(all, r.URL.Query().Get("pageToken"), size)
		if err != nil {
			refuse(http.StatusBadRequest, "INVALID_ARGUMENT", err.Error())
			return
		}
		out := map[string]any{"results": part}
		if next != "" {
			out["nextPageToken"] = next
		}
		answer(w, http.StatusOK, "application/json", out)
	})
	return mux
}

func assets(c *cloud.Cloud, project string) (out []map[string]any, unknown string) {
	for _, o := range listed(c) {
		module, kind := moduleOf(o.Type)
		service, known := hosts[module]
		if !known {
			return nil, o.String()
		}
		if service == "" || partOf(kind) || o.Type == "sql:database" || o.Type == "gcp:sql/database:Database" {
			continue
		}
		name := o.ID
		if !strings.HasPrefix(name, "projects/") && module != "storage" { // buckets are of no project, by their names
			name = "projects/" + project + "/" + kind + "s/" + name
		}
		kind = title(kind)
		host := service
		if service == "sqladmin" { // https://cloud.google.com/asset-inventory/docs/asset-names
			host, kind, name = "cloudsql", "Instance", "projects/"+project+"/instances/"+o.ID
		}
		a := map[string]any{
			"name": "//" + host + ".googleapis.com/" + name, "assetType": service + ".googleapis.com/" + kind,
			"location": o.Region, "project": "projects/" + project, "labels": tagsOf(o),
		}
		if o.Retained != "" && o.Retained != "KEPT" && o.Locked == "" {
			a["state"] = o.Retained
		}
		// What was made for an object in a cluster is the project's: nothing here knows of that object.
		if strings.HasPrefix(o.Owner.ID, "projects/") && !strings.HasPrefix(o.Owner.Type, "kubernetes:") {
			a["parentFullResourceName"] = "//" + service + ".googleapis.com/" + o.Owner.ID
		}
		out = append(out, a)
	}
	return out, ""
}

// moduleOf parts gcp:compute/network:Network and compute:instance alike into the module and the kind.
func moduleOf(typ string) (module, kind string) {
	typ = strings.TrimPrefix(typ, "gcp:")
	module, kind, _ = strings.Cut(typ, ":")
	module, _, _ = strings.Cut(module, "/")
	return module, kind
}

// title is a kind as asset types are written: forwarding-rule is ForwardingRule.
func title(kind string) string {
	var out strings.Builder
	for word := range strings.SplitSeq(kind, "-") {
		out.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return out.String()
}

func partOf(kind string) bool {
	kind = strings.ToLower(kind)
	for _, p := range parts {
		if strings.HasSuffix(kind, p) {
			return true
		}
	}
	return false
}
