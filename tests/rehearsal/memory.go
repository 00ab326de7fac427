package rehearsal

import (
	"os"
	"strconv"
	"sync/atomic"
)

// collectAt is by how much per cent memory grows between two collections of garbage: four times as much as Go lets it.
const collectAt = 400

var seldom atomic.Bool

// CollectSeldom lets the engines that this process starts collect garbage more seldom: they take less of the processors' time
// then, and some hundred MiB more. Whoever sets GOGC himself is let be (https://go.dev/doc/gc-guide#GOGC). What measures the
// engine does not call it: a user's does not run so. The process itself, which lives long and holds much, collects as usual.
func CollectSeldom() { seldom.Store(os.Getenv("GOGC") == "") }

// collecting are the variables that tell an engine so.
func collecting() []string {
	if !seldom.Load() {
		return nil
	}
	return []string{"GOGC=" + strconv.Itoa(collectAt)}
}
