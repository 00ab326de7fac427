// Package account answers as the inventory services of the clouds do, from what a simulated cloud holds: in their own
// forms, over HTTP on loopback, so that the operator's command asks through the clouds' own libraries.
package account

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"platform/tests/cloud"
)

// listed is what an inventory service may know of: no object of a cluster, and nothing that is about to disappear.
func listed(c *cloud.Cloud) []*cloud.Object {
	var out []*cloud.Object
	for _, o := range c.Inventory() {
		if o.Lingers == 0 && !strings.HasPrefix(o.Type, "kubernetes:") {
			out = append(out, o)
		}
	}
	return out
}

// page is a part of a list, and the token of the next part; a token is the number of its first element.
func page[T any](all []T, token string, size int) (part []T, next string, err error) {
	from := 0
	if token != "" {
		if _, err := fmt.Sscan(token, &from); err != nil || from < 0 || from > len(all) {
			return nil, "", fmt.Errorf("page token %q is not one of this list", token)
		}
	}
	to := min(from+size, len(all))
	if to < len(all) {
		next = fmt.Sprint(to)
	}
	return all[from:to], next, nil
}

func answer(w http.ResponseWriter, status int, contentType string, v any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// tagsOf are an object's tags; none of it is not the same as empty ones.
func tagsOf(o *cloud.Object) map[string]string {
	if o.Tags == nil {
		return map[string]string{}
	}
	return o.Tags
}
