package rehearsal

import (
	"slices"
	"testing"

	"platform/tests/cloud"
)

func TestOnlyWhatIsConnectedWithWhatIsLockedIsKept(t *testing.T) {
	// A bucket is locked; its policy and its key are connected with it, a topic that was left behind is not.
	stay := map[string][]string{"key": {}, "bucket": {}, "encryption": {"bucket", "key"}, "topic": {}, "gone": {"bucket"}}
	alive := map[string][]*cloud.Object{
		"key": {{}}, "bucket": {{Locked: "Object Lock"}}, "encryption": {{}}, "topic": {{}},
	}
	if got, want := lockedWith(stay, alive), []string{"bucket", "encryption", "key"}; !slices.Equal(got, want) {
		t.Errorf("kept are %v, want %v", got, want)
	}
	alive["bucket"][0].Locked = ""
	if got := lockedWith(stay, alive); len(got) != 0 {
		t.Errorf("kept are %v though nothing is locked", got)
	}
}
