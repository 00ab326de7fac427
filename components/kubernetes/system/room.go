package system

import "fmt"

// Resources are what a container asks for, in the words of the API.
type Resources struct {
	Requests map[string]string `json:"requests"`
	Limits   map[string]string `json:"limits"`
}

// Room is what a container of the platform's own gets. Memory has no burst, since what is taken cannot be given back
// but by a kill; CPU has no limit: what others leave may be used.
func Room(milliCPU, memoryMiB int) Resources {
	memory := fmt.Sprintf("%dMi", memoryMiB)
	return Resources{
		Requests: map[string]string{"cpu": fmt.Sprintf("%dm", milliCPU), "memory": memory},
		Limits:   map[string]string{"memory": memory},
	}
}
