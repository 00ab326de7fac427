package alert

import (
	"fmt"
	"time"

	"platform/components/kubernetes/datadog/query"
)

// podTags tell containers apart.
var podTags = []string{"kube_namespace", "pod_name", "kube_container_name"}

// state is what Datadog's cluster agent tells of the cluster's objects
// (https://docs.datadoghq.com/integrations/kubernetes_state_core/#data-collected).
const state = "kubernetes_state."

// lacking is how many pods of each workload of a kind are missing.
func lacking(role, kind, tag, wanted, there string) query.Measure {
	by := []string{"kube_namespace", kind}
	return query.Over("min", 30*time.Minute, query.Of("sum", state+wanted, []string{tag}, by...)+" - "+query.Of("sum", state+there, []string{tag}, by...), ">", 0, by...).In(role)
}

// none says that no pod of a deployment serves of which some are wanted: without any wanted, the quotient is nothing.
func none(since time.Duration, tag string) []query.Measure {
	by := []string{"kube_namespace", "kube_deployment"}
	return []query.Measure{query.Over("max", since,
		query.Of("sum", state+"deployment.replicas_available", []string{tag}, by...)+" / "+query.Of("sum", state+"deployment.replicas_desired", []string{tag}, by...),
		"<=", 0, by...)}
}

// pods are the alerts of what runs in some namespaces, whoever owns it: in says which to Prometheus, and tag to Datadog. whose names it
// to people.
func pods(whose, in, tag string) []Definition {
	return []Definition{
		{
			Name: "PodsMissing", Severity: Ticket, Pending: 30 * time.Minute, Board: BoardService,
			Summary:     "pods of " + whose + " are missing",
			Description: "{value} pods fewer than wanted have been available for half an hour: the next fault has less to take away.",
			Expr: fmt.Sprintf("sum by (namespace, deployment) (kube_deployment_spec_replicas{%[1]s} - kube_deployment_status_replicas_available{%[1]s}) > 0"+
				"\nor sum by (namespace, statefulset) (kube_statefulset_replicas{%[1]s} - kube_statefulset_status_replicas_ready{%[1]s}) > 0"+
				"\nor sum by (namespace, daemonset) (kube_daemonset_status_number_unavailable{%[1]s}) > 0", in),
			Measures: []query.Measure{
				lacking("deployments", "kube_deployment", tag, "deployment.replicas_desired", "deployment.replicas_available"),
				lacking("sets", "kube_stateful_set", tag, "statefulset.replicas_desired", "statefulset.replicas_ready"),
				lacking("agents", "kube_daemon_set", tag, "daemonset.desired", "daemonset.daemons_available"),
			},
		},
		{
			// The kubelet waits up to five minutes between two starts, so the reason comes and goes
			// (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy).
			Name: "PodsCrashLooping", Severity: Ticket, Pending: 15 * time.Minute, Board: BoardService,
			Summary:     "a container of " + whose + " does not stay up",
			Description: "{of:container} in {of:namespace}/{of:pod} ends again and again after its start.",
			Expr: fmt.Sprintf(`max by (namespace, pod, container) (max_over_time(kube_pod_container_status_waiting_reason{%s,reason="CrashLoopBackOff"}[5m])) == 1`,
				in),
			Measures: []query.Measure{query.Over("min", 15*time.Minute, query.Of("max", "kubernetes_state.container.status_report.count.waiting",
				[]string{tag, "reason:crashloopbackoff"}, podTags...)+".rollup(max, 300)", ">=", 1, podTags...)},
		},
		{
			// The reason stays until the next end, so it counts with restarts alone; one is what a leak of weeks ends in.
			Name: "ContainersOutOfMemory", Severity: Ticket, Board: BoardService,
			Summary:     "containers of " + whose + " run out of memory",
			Description: "{of:container} in {of:namespace}/{of:pod} was ended {value} times within the hour, the last time for using more memory than it may.",
			Expr: fmt.Sprintf(`sum by (namespace, pod, container) (changes(kube_pod_container_status_restarts_total{%[1]s}[1h])) >= 2`+
				"\nand on(namespace, pod, container) (kube_pod_container_status_last_terminated_reason{%[1]s,reason=\"OOMKilled\"} == 1)", in),
			// The product is nothing but for those whose last end was of this reason.
			Measures: []query.Measure{query.Over("sum", time.Hour, "monotonic_diff("+query.Of("max", "kubernetes.containers.restarts", []string{tag}, podTags...)+") * "+
				query.Of("max", "kubernetes.containers.last_state.terminated", []string{tag, "reason:oomkilled"}, podTags...), ">=", 2, podTags...)},
		},
	}
}
