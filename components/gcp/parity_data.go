package gcp

import "platform/components/parity"

// parityData says how Google Cloud serves messaging and data.
var parityData = []parity.Row{
	{ID: "Q1", Level: parity.Differs, How: "A consumer's queue is a Pub/Sub subscription, its dead letters a topic and a subscription of " +
		"their own: messages are kept for 7 days at most, dead ones too, and are dead after 5 to 100 deliveries."},
	{ID: "Q3", Level: parity.Differs, How: "How deep a subscription is, Cloud Monitoring knows, some minutes late; who asks it may read all metrics of the " +
		"project, since neither a policy nor a condition is about a single one."},
	{ID: "D1", Level: parity.Differs, How: "Cloud SQL without a pooler, for which the provider has no setting: more connections than a size " +
		"holds are an error before anything is built. More than 7 days of recovery take the Enterprise Plus edition. Backups go with the " +
		"server, and none can be asked for when it is deleted. No user has a password; the service's user must be given its rights once."},
	{ID: "D2", Level: parity.Differs, How: "Firestore knows no key but a document's name: an index over pk and sk stands for it. Any point in " +
		"the last 7 days can be restored. The provider has no labels for the database."},
	{ID: "D4", Level: parity.Differs, How: "A deleted secret is gone at once. Databases have no passwords that would need to be kept or rotated."},
}
