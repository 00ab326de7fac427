package promise

import (
	"fmt"

	"platform/components/tags"
)

// requiredTags are the keys that everything bears, as AWS Config asks for them: six at most, which is what we have
// (https://docs.aws.amazon.com/config/latest/developerguide/required-tags.html).
func requiredTags() map[string]any {
	out := map[string]any{}
	for i, key := range tags.Required {
		out[fmt.Sprintf("tag%dKey", i+1)] = key
	}
	return out
}
