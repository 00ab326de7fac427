// Package build measures how long the Pulumi program takes to build, and how much memory.
package build

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// maxrssUnit is in what the system counts the most memory that a process had: in KiB, but for macOS
// (https://man7.org/linux/man-pages/man2/getrusage.2.html,
// https://developer.apple.com/library/archive/documentation/System/Conceptual/ManPages_iPhoneOS/man2/getrusage.2.html).
func maxrssUnit(system string) int64 {
	if system == "darwin" {
		return 1
	}
	return 1024
}

// every is how often a group's memory is looked at; a large package compiles for many seconds.
const every = 200 * time.Millisecond

// watch looks at the memory of a process group until it is stopped.
type watch struct {
	stopped chan struct{}
	peak    chan int64
}

func watchGroup(group int) *watch {
	w := &watch{stopped: make(chan struct{}), peak: make(chan int64, 1)}
	go func() {
		var peak int64
		for ticks := time.NewTicker(every); ; {
			select {
			case <-ticks.C:
				peak = max(peak, groupMemory("/proc", group))
			case <-w.stopped:
				ticks.Stop()
				w.peak <- peak
				return
			}
		}
	}()
	return w
}

// stop ends the watch and tells the most memory that the group had.
func (w *watch) stop() int64 {
	close(w.stopped)
	return <-w.peak
}

// groupMemory is what the processes of a group hold at the moment, in bytes. What they share is counted for each.
// A process that ends meanwhile counts nothing, and neither does any where there is no such file system.
func groupMemory(proc string, group int) int64 {
	files, err := filepath.Glob(filepath.Join(proc, "[0-9]*", "stat"))
	if err != nil {
		return 0
	}
	var pages int64
	for _, file := range files {
		if raw, err := os.ReadFile(file); err == nil {
			if of, held := stat(raw); of == group {
				pages += held
			}
		}
	}
	return pages * int64(os.Getpagesize())
}

// stat reads a process's group and resident pages; the name before them is in parentheses and may hold any
// character (https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: fields 5 and 24).
func stat(raw []byte) (group int, pages int64) {
	fields := bytes.Fields(raw[bytes.LastIndexByte(raw, ')')+1:])
	const state = 3 // the first field after the name
	if len(fields) <= 24-state {
		return 0, 0
	}
	group, err := strconv.Atoi(string(fields[5-state]))
	if err != nil {
		return 0, 0
	}
	pages, err = strconv.ParseInt(string(fields[24-state]), 10, 64)
	if err != nil {
		return 0, 0
	}
	return group, pages
}
