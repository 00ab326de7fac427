package system

import "platform/components/cluster"

// Toleration lets a pod run where a taint keeps others away, in the words of the API
// (https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/).
type Toleration struct {
	Key      string `json:"key"`
	Operator string `json:"operator"`
	Effect   string `json:"effect"`
}

// Placement puts a pod into the system pool, where no service takes its room away. It is part of the values of charts
// that call the two so, as nearly all do.
type Placement struct {
	NodeSelector map[string]string `json:"nodeSelector"`
	Tolerations  []Toleration      `json:"tolerations"`
}

// Pool is the placement in the system pool.
func Pool() Placement {
	return Placement{
		NodeSelector: map[string]string{cluster.SystemTaint: "true"},
		Tolerations: []Toleration{
			{Key: cluster.SystemTaint, Operator: "Exists", Effect: "NoSchedule"},
			{Key: cluster.AddonsTaint, Operator: "Exists", Effect: "NoSchedule"},
		},
	}
}

// Spread keeps the replicas of one part on different nodes, as far as there are some: a small system pool may have
// one node (https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/).
type Spread struct {
	MaxSkew           int    `json:"maxSkew"`
	TopologyKey       string `json:"topologyKey"`
	WhenUnsatisfiable string `json:"whenUnsatisfiable"`
	LabelSelector     struct {
		MatchLabels map[string]string `json:"matchLabels"`
	} `json:"labelSelector"`
}

// SpreadOf spreads the pods that bear the labels.
func SpreadOf(labels map[string]string) []Spread {
	one := Spread{MaxSkew: 1, TopologyKey: Host, WhenUnsatisfiable: "ScheduleAnyway"}
	one.LabelSelector.MatchLabels = labels
	return []Spread{one}
}
