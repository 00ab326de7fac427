package account

import (
	"errors"
	"net/http"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/gcp"
)

// compute answers as Compute Engine does to whoever deletes something: with an operation, which one waits for
// (https://cloud.google.com/compute/docs/reference/rest/v1/forwardingRules/delete,
// https://cloud.google.com/compute/docs/reference/rest/v1/regionOperations/wait).
func compute(mux *http.ServeMux, c *cloud.Cloud, project string) {
	const root = "/compute/v1/"
	begun := &deletions{}
	operations := root + "projects/" + project + "/global/operations/"
	refuse := func(w http.ResponseWriter, code int, message string) {
		answer(w, code, "application/json", map[string]any{"error": map[string]any{"code": code, "message": message}})
	}
	mux.HandleFunc("DELETE "+root+"{path...}", func(w http.ResponseWriter, r *http.Request) {
		path := r.PathValue("path")
		if !strings.HasPrefix(path, "projects/"+project+"/") {
			refuse(w, http.StatusForbidden, "the credentials are of project "+project)
			return
		}
		err := removed(c, func(o *cloud.Object) bool { return strings.HasPrefix(o.Type, "compute:") && o.ID == path }, gcp.Remove)
		switch {
		case errors.Is(err, errNone):
			refuse(w, http.StatusNotFound, "The resource '"+path+"' was not found")
		case err != nil:
			refuse(w, http.StatusBadRequest, err.Error())
		default:
			answer(w, http.StatusOK, "application/json", map[string]any{
				"operationType": "delete", "status": "RUNNING", "selfLink": "http://" + r.Host + operations + begun.begin(nil),
			})
		}
	})
	mux.HandleFunc("POST "+operations+"{name}/wait", func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("name")
		if known, _ := begun.of(name); !known {
			refuse(w, http.StatusNotFound, "The resource '"+name+"' was not found")
			return
		}
		answer(w, http.StatusOK, "application/json", map[string]any{
			"operationType": "delete", "status": "DONE", "selfLink": "http://" + r.Host + operations + name,
		})
	})
}
