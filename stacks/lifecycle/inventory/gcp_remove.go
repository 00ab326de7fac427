//go:build gcp || !(aws || azure)

package inventory

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// gcpTypes are those of what controllers make, all of which Compute Engine deletes by the path that is in their name
// (https://cloud.google.com/asset-inventory/docs/asset-names, https://cloud.google.com/compute/docs/reference/rest/v1).
var gcpTypes = map[string]bool{
	"compute.googleapis.com/BackendService": true, "compute.googleapis.com/Disk": true, "compute.googleapis.com/Firewall": true,
	"compute.googleapis.com/ForwardingRule": true, "compute.googleapis.com/HealthCheck": true, "compute.googleapis.com/HttpHealthCheck": true,
	"compute.googleapis.com/NetworkEndpointGroup": true, "compute.googleapis.com/TargetPool": true,
}

const computeName, computeHost = "//compute.googleapis.com/", "https://compute.googleapis.com"

func (i gcpInventory) Cluster(item Item) string {
	if item.Type != "container.googleapis.com/Cluster" {
		return ""
	}
	return last(item.ID)
}

// named is the label of disks by which their maker says in which cluster it is
// (https://cloud.google.com/kubernetes-engine/docs/how-to/creating-managing-labels).
const named = "goog-k8s-cluster-name"

// balancing are the names of parts of load balancers, which bear no labels: they begin so, or are made of the uid of a Service
// (https://github.com/kubernetes/ingress-gce/blob/master/pkg/utils/namer/l4_namer.go, https://pkg.go.dev/k8s.io/cloud-provider#DefaultLoadBalancerName).
var balancing = regexp.MustCompile(`/(k8s2?-[^/]+|a[0-9a-f]{31})$`)

func (i gcpInventory) Maker(item Item) Maker {
	if !gcpTypes[item.Type] {
		return Maker{}
	}
	cluster := item.Tags[named]
	return Maker{Cluster: cluster, Some: cluster == "" && balancing.MatchString(item.ID)}
}

// operation is how far a change is (https://cloud.google.com/compute/docs/reference/rest/v1/zoneOperations/wait).
type operation struct {
	SelfLink string `json:"selfLink"`
	Status   string `json:"status"`
	Error    struct {
		Errors []struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"errors"`
	} `json:"error"`
}

func (i gcpInventory) Remove(ctx context.Context, item Item) error {
	path, ok := strings.CutPrefix(item.ID, computeName)
	if !ok || !gcpTypes[item.Type] {
		return fmt.Errorf("%s is not of a type that is removed here", item.ID)
	}
	client, err := i.writes(ctx)
	if err != nil {
		return fmt.Errorf("find credentials: %w", err)
	}
	var o operation
	err = i.call(ctx, client, http.MethodDelete, i.compute+"/compute/v1/"+path, &o)
	for err == nil && o.Status != "DONE" { // a wait is answered after two minutes at the latest
		err = i.call(ctx, client, http.MethodPost, o.SelfLink+"/wait", &o)
	}
	var answered answeredError
	switch {
	case errors.As(err, &answered) && answered.code == http.StatusNotFound:
		return nil
	case err != nil:
		return fmt.Errorf("delete %s: %w", item.ID, err)
	case len(o.Error.Errors) > 0:
		return fmt.Errorf("delete %s: %s: %s", item.ID, o.Error.Errors[0].Code, o.Error.Errors[0].Message)
	}
	return nil
}
