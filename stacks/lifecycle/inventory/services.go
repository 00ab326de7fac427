package inventory

import "maps"

// services are those of the clouds that the command is built with.
var services = opened(aws, azure, gcp)

// offered is what a cloud's file says; nil in a command that is built without it.
type offered struct {
	cloud   string
	open    service
	lingers map[string]string
}

func opened(all ...*offered) map[string]service {
	out := map[string]service{}
	for _, o := range all {
		if o != nil {
			out[o.cloud] = o.open
			maps.Copy(lingering, o.lingers)
		}
	}
	return out
}
