package controller

import (
	"strconv"
	"strings"
)

// Minor is the second number of a Kubernetes version; 0 if there is none.
func Minor(version string) int {
	parts := strings.Split(version, ".")
	if len(parts) < 2 {
		return 0
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil {
		return 0
	}
	return n
}
