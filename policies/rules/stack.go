package rules

import (
	"fmt"
	"slices"
	"strings"
)

// stack is all that a program registers.
type stack struct {
	all   []Resource
	byURN map[string]Resource
	// needs are the resources that depend on one.
	needs map[string][]Resource
}

func newStack(all []Resource) *stack {
	s := &stack{all: all, byURN: map[string]Resource{}, needs: map[string][]Resource{}}
	for _, r := range all {
		s.byURN[r.URN] = r
		for _, on := range r.DependsOn {
			s.needs[on] = append(s.needs[on], r)
		}
	}
	return s
}

func ofKind(kinds ...string) func(Resource) bool {
	return func(r Resource) bool { return slices.Contains(kinds, r.kind()) }
}

// of are the resources of a kind.
func (s *stack) of(kinds ...string) []Resource {
	var out []Resource
	for _, r := range s.all {
		if slices.Contains(kinds, r.kind()) {
			out = append(out, r)
		}
	}
	return out
}

// lacking are the resources of a kind on which nothing depends that another test wants.
func (s *stack) lacking(kind, found, allowed string, wanted func(Resource) bool) []fault {
	var out []fault
	for _, r := range s.of(kind) {
		if !slices.ContainsFunc(s.needs[r.URN], wanted) {
			out = append(out, fault{r, "", found, allowed})
		}
	}
	return out
}

// after says whether a resource is made after another that a test wants.
func (s *stack) after(r Resource, wanted func(Resource) bool, seen map[string]bool) bool {
	for _, on := range r.DependsOn {
		if seen[on] {
			continue
		}
		seen[on] = true
		if other, ok := s.byURN[on]; ok && (wanted(other) || s.after(other, wanted, seen)) {
			return true
		}
	}
	return false
}

var databaseAlarm = Rule{
	ID: "database-alarm", Severity: Medium, Controls: told,
	Holds: "Every database has an alarm",
	Why:   "a full disk or too many connections are known for days before they stop a service",
	Mend:  "hand the database to the alarms component, as stacks/platform/watch.go does",
	looks: []string{"aws:rds/instance:Instance", "azure-native:dbforpostgresql:Server", "gcp:sql/databaseInstance:DatabaseInstance"},
	whole: func(s *stack, _ Environment) []fault {
		return slices.Concat(
			s.lacking("aws:rds/instance:Instance", "no alarm", "a MetricAlarm of it", ofKind("aws:cloudwatch/metricAlarm:MetricAlarm")),
			s.lacking("azure-native:dbforpostgresql:Server", "no alarm", "a MetricAlert of it", ofKind("azure-native:insights:MetricAlert")),
			s.lacking("gcp:sql/databaseInstance:DatabaseInstance", "no alarm", "an AlertPolicy of it", ofKind("gcp:monitoring/alertPolicy:AlertPolicy")),
		)
	},
}

var queueDeadLetter = Rule{
	ID: "queue-dead-letter", Severity: High, Controls: carried,
	Holds: "A message that nobody can handle is put aside, not lost and not tried for ever",
	Why:   "one bad message stops all behind it, or is dropped after some days without a word",
	Mend:  "give the queue dead letters, as the queue component does",
	table: map[string][]condition{
		"azure-native:servicebus:Queue": {
			must("maxDeliveryCount", given("how often a message is tried"), "https://learn.microsoft.com/azure/service-bus-messaging/service-bus-dead-letter-queues"),
			must("deadLetteringOnMessageExpiration", is("true"), "https://learn.microsoft.com/azure/service-bus-messaging/service-bus-dead-letter-queues"),
		},
		"azure-native:servicebus:Subscription": {
			must("deadLetteringOnMessageExpiration", is("true"), "https://learn.microsoft.com/azure/service-bus-messaging/service-bus-dead-letter-queues"),
		},
	},
	looks: []string{"aws:sqs/queue:Queue", "gcp:pubsub/subscription:Subscription"},
	whole: func(s *stack, _ Environment) []fault {
		// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html and
		// https://cloud.google.com/pubsub/docs/dead-letter-topics
		return append(s.undelivered("aws:sqs/queue:Queue", "redrivePolicy", func(r Resource) []string { return []string{r.URN} }),
			s.undelivered("gcp:pubsub/subscription:Subscription", "deadLetterPolicy", func(r Resource) []string { return r.By["topic"] })...)
	},
}

// undelivered are the queues without dead letters that hold no dead letters themselves. Source is what another
// queue's property would name.
func (s *stack) undelivered(kind, property string, source func(Resource) []string) []fault {
	dead := map[string]bool{}
	for _, r := range s.of(kind) {
		for _, on := range r.By[property] {
			dead[on] = true
		}
	}
	var out []fault
	for _, r := range s.of(kind) {
		at := at(r.Props, property)[0]
		holds := slices.ContainsFunc(source(r), func(urn string) bool { return dead[urn] })
		if !at.unknown && !at.value.HasComputed() && empty(at.value) && !holds {
			out = append(out, fault{r, property, at.shown(), "where dead letters go"})
		}
	}
	return out
}

var serviceIdentity = Rule{
	ID: "service-identity", Severity: High, Controls: named,
	Holds: "Every service in a cluster has an identity of its own in the cloud",
	Why:   "without one it runs with the machine's, which every pod of the machine could use",
	Mend:  "build an identity for the service, as stacks/platform/services.go does",
	looks: []string{
		"kubernetes:core/v1:ServiceAccount", "aws:eks/podIdentityAssociation:PodIdentityAssociation",
		"azure-native:managedidentity:FederatedIdentityCredential", "gcp:serviceaccount/iAMMember:IAMMember",
	},
	whole: func(s *stack, e Environment) []fault {
		bound := map[string]bool{}
		for _, r := range s.of("aws:eks/podIdentityAssociation:PodIdentityAssociation", "azure-native:managedidentity:FederatedIdentityCredential", "gcp:serviceaccount/iAMMember:IAMMember") {
			account, known := bindingOf(r)
			if !known {
				return nil // it may be of any account
			}
			bound[account] = true
		}
		var out []fault
		for _, r := range s.of("kubernetes:core/v1:ServiceAccount") {
			name, namespace := at(r.Props, "metadata.name")[0], at(r.Props, "metadata.namespace")[0]
			if name.unknown || namespace.unknown || !slices.Contains(e.Services, labelled(r)) {
				continue
			}
			if account := text(namespace.value) + "/" + text(name.value); !bound[account] {
				out = append(out, fault{r, "", "no identity of the cloud", "an identity bound to it"})
			}
		}
		return out
	},
}

// bindingOf is the account of a cluster to which an identity is bound, as <namespace>/<name>:
//   - https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html
//   - https://learn.microsoft.com/azure/aks/workload-identity-overview
//   - https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity
func bindingOf(r Resource) (account string, known bool) {
	switch cloudOf(r.kind()) {
	case "aws":
		namespace, name := at(r.Props, "namespace")[0], at(r.Props, "serviceAccount")[0]
		return text(namespace.value) + "/" + text(name.value), !namespace.unknown && !name.unknown
	case "azure":
		subject := at(r.Props, "subject")[0]
		return strings.ReplaceAll(strings.TrimPrefix(text(subject.value), "system:serviceaccount:"), ":", "/"), !subject.unknown
	}
	member := at(r.Props, "member")[0]
	_, account, _ = strings.Cut(strings.TrimSuffix(text(member.value), "]"), "[")
	return account, !member.unknown
}

// monitoring are the charts that watch a cluster.
var monitoring = []string{"kube-prometheus-stack", "prometheus", "datadog", "datadog-operator"}

// workloads are the kinds that run services.
var workloads = []string{
	"kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:StatefulSet", "kubernetes:apps/v1:DaemonSet", "kubernetes:batch/v1:Job",
	"kubernetes:batch/v1:CronJob", "kubernetes:argoproj.io/v1alpha1:Application", "kubernetes:argoproj.io/v1alpha1:ApplicationSet",
}

// bringers bring workloads of all services, whoever they are of.
var bringers = []string{"kubernetes:argoproj.io/v1alpha1:Application", "kubernetes:argoproj.io/v1alpha1:ApplicationSet"}

var monitoringFirst = Rule{
	ID: "monitoring-first", Severity: Medium, Controls: told,
	Holds: "A stack with services has monitoring, and they start after it",
	Why:   "the first minutes of a new service are those in which it breaks, and nobody would see it",
	Mend:  "let monitoring.kind of the environment's file name what watches, and the workload depend on the monitoring component",
	looks: append([]string{"kubernetes:helm.sh/v3:Release"}, workloads...),
	whole: func(s *stack, e Environment) []fault {
		watches := func(r Resource) bool {
			chart := at(r.Props, "chart")[0]
			return r.kind() == "kubernetes:helm.sh/v3:Release" && (chart.unknown || slices.Contains(monitoring, text(chart.value)))
		}
		services := slices.DeleteFunc(s.of(workloads...), func(r Resource) bool {
			return !slices.Contains(bringers, r.kind()) && !slices.Contains(e.Services, labelled(r))
		})
		if len(services) > 0 && !slices.ContainsFunc(s.all, watches) {
			return []fault{{services[0], "", "a service in a stack that nobody watches", "monitoring: a release of one of " + strings.Join(monitoring, ", ")}}
		}
		var out []fault
		for _, r := range services {
			if !s.after(r, watches, map[string]bool{}) {
				out = append(out, fault{r, "", "a service that may start before its monitoring", "a dependency on the monitoring"})
			}
		}
		return out
	},
}

func exceptions() Rule {
	return Rule{
		ID: "exceptions", Severity: High, Controls: reviewed,
		Holds: "Every exception in the environment's file is of a rule that there is, and has not expired",
		Why:   "an exception that nobody looks at again is a hole that nobody knows of",
		Mend:  "mend what the exception is for and take it out of the file, or give it a new day with a reason",
		looks: []string{everything},
		whole: func(_ *stack, e Environment) []fault {
			var out []fault
			for i, x := range e.Exceptions {
				place := Resource{Type: "exceptions", Name: fmt.Sprintf("[%d]", i), URN: x.URN}
				if !slices.ContainsFunc(All(), func(r Rule) bool { return r.ID == x.Rule }) {
					out = append(out, fault{place, "rule", fmt.Sprintf("%q", x.Rule), "the id of a rule in docs/policies.md"})
				}
				if x.Expires.Before(e.Today) {
					out = append(out, fault{place, "expires", fmt.Sprintf("%q (owner %s: %s)", x.Expires, x.Owner, x.Reason), "a day that is not over"})
				}
			}
			return out
		},
	}
}
