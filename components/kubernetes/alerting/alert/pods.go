package alert

import (
	"fmt"
	"time"
)

// pods are the alerts of what runs in some namespaces, whoever owns it. whose names it to people.
func pods(whose, in string) []definition {
	return []definition{
		{
			name: "PodsMissing", severity: Ticket, pending: 30 * time.Minute, board: BoardService,
			summary:     "pods of " + whose + " are missing",
			description: "{{ $value }} pods fewer than wanted have been available for half an hour: the next fault has less to take away.",
			expr: fmt.Sprintf("sum by (namespace, deployment) (kube_deployment_spec_replicas{%[1]s} - kube_deployment_status_replicas_available{%[1]s}) > 0"+
				"\nor sum by (namespace, statefulset) (kube_statefulset_replicas{%[1]s} - kube_statefulset_status_replicas_ready{%[1]s}) > 0"+
				"\nor sum by (namespace, daemonset) (kube_daemonset_status_number_unavailable{%[1]s}) > 0", in),
		},
		{
			// The kubelet waits up to five minutes between two starts, so the reason comes and goes
			// (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy).
			name: "PodsCrashLooping", severity: Ticket, pending: 15 * time.Minute, board: BoardService,
			summary:     "a container of " + whose + " does not stay up",
			description: "{{ $labels.container }} in {{ $labels.namespace }}/{{ $labels.pod }} ends again and again after its start.",
			expr: fmt.Sprintf(`max by (namespace, pod, container) (max_over_time(kube_pod_container_status_waiting_reason{%s,reason="CrashLoopBackOff"}[5m])) == 1`,
				in),
		},
		{
			// The reason stays until the next end, so it counts with restarts alone; one is what a leak of weeks ends in.
			name: "ContainersOutOfMemory", severity: Ticket, board: BoardService,
			summary:     "containers of " + whose + " run out of memory",
			description: "{{ $labels.container }} in {{ $labels.namespace }}/{{ $labels.pod }} was ended {{ $value }} times within the hour, the last time for using more memory than it may.",
			expr: fmt.Sprintf(`sum by (namespace, pod, container) (changes(kube_pod_container_status_restarts_total{%[1]s}[1h])) >= 2`+
				"\nand on(namespace, pod, container) (kube_pod_container_status_last_terminated_reason{%[1]s,reason=\"OOMKilled\"} == 1)", in),
		},
	}
}
