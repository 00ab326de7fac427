package rehearsal

import (
	"os"
	"runtime/debug"
	"strconv"
	"sync/atomic"
)

// collectAt is by how much per cent memory grows between two collections of garbage, four times as much as Go lets it, and
// collectFrom from how many bytes on this process collects as often as it must to stay below them.
const collectAt, collectFrom = 400, 3 << 30

var seldom atomic.Bool

// CollectSeldom lets this process, and the engines that it starts, collect garbage more seldom: a rehearsal takes a quarter
// less of the processors' time then, and an engine some hundred MiB more. Whoever sets GOGC himself is let be
// (https://go.dev/doc/gc-guide#GOGC). What measures the engine does not call it: a user's does not run so.
func CollectSeldom() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
		debug.SetMemoryLimit(collectFrom)
		seldom.Store(true)
	}
}

// collecting are the variables that tell an engine so.
func collecting() []string {
	if !seldom.Load() {
		return nil
	}
	return []string{"GOGC=" + strconv.Itoa(collectAt)}
}
