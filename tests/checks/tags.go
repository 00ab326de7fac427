package checks

import (
	"fmt"
	"strings"

	"platform/components/tags"
	"platform/tests/cloud"
)

// controllerMade are the things that clouds and controllers make in our name and that cost money:
// they bear our tags only if somebody took care.
var controllerMade = map[string]bool{
	"ec2:instance": true, "ec2:volume": true, "elb:load-balancer": true, "ec2:security-group": true,

	// Google Cloud's machines and disks, and those of both clouds that claims and scale sets make.
	"compute:instance": true, "compute:disk": true,
	"compute:scale-set": true, "network:load-balancer": true, "network:public-address": true, "network:security-group": true,
	"resources:node-group": true,
}

// Tags finds what lacks a required tag. A VPC's default security group is AWS's own and is tagged by
// the resource that adopts it.
func Tags(objects []*cloud.Object, taggable func(typ string) bool) []Finding {
	var out []Finding
	for _, o := range objects {
		if o.Preexisting || o.Retained != "" || o.Lingers > 0 || o.Bool("default") {
			continue
		}
		if !taggable(o.Type) && !controllerMade[o.Type] {
			continue
		}
		if missing := tags.Set(o.Tags).Missing(); len(missing) > 0 {
			out = append(out, Finding{
				"tags", o.String(), "the tags " + strings.Join(tags.Required, ", "), fmt.Sprintf("none of %s", strings.Join(missing, ", ")), see(o),
			})
		}
	}
	return out
}
