package ephemeral

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"platform/components/tags"
	"platform/stacks/config"
)

// platformType is the component in which a whole environment is, and which says of what kind it is.
const platformType = "platform:platform:Platform"

// own refuses a state that is not of an environment that lives for some hours, whatever the tags of its stack say: tags are
// set by a command, and what was built says of itself what it is.
func own(name string, resources []apitype.ResourceV3) error {
	said, something := false, ""
	for _, r := range resources {
		if string(r.URN.Stack()) != name || string(r.URN.Project()) != config.Project {
			return fmt.Errorf("%s: its state has %s, which is of another stack: nothing was done", name, r.URN)
		}
		switch {
		case string(r.Type) == platformType:
			if err := saysSo(name, r.Inputs); err != nil {
				return err
			}
			said = true
		case r.Custom && r.URN.Type().Package().Name() != "pulumi":
			something = string(r.URN)
		}
	}
	if something != "" && !said {
		return fmt.Errorf("%s: its state has %s, and nothing that says that it may go: nothing was done", name, something)
	}
	return nil
}

// saysSo wants a component to say that its environment goes when its time is over.
func saysSo(name string, inputs map[string]any) error {
	set, _ := inputs["tags"].(map[string]any)
	switch {
	case inputs["tier"] != config.EphemeralTier:
		return fmt.Errorf("%s: it is of tier %v, and only those of %s come and go by this command: nothing was done", name, inputs["tier"], config.EphemeralTier)
	case inputs["environment"] != name || set[tags.Environment] != name || set[tags.Expires] == nil || set[tags.Owner] == nil:
		return fmt.Errorf("%s: what is built does not say whose it is and until when, as all does that this command builds: nothing was done", name)
	}
	return nil
}
