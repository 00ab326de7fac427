package rules

// All are the rules, grouped by what they are about.
func All() []Rule { return append(topical[:len(topical):len(topical)], knownType(), exceptions()) }

// topical are the rules that do not ask for the others.
var topical = []Rule{
	encryptionAtRest, encryptionInTransit, keyRotation, keyRescue,
	databaseNotPublic, bucketNotPublic, endpointPrivate, noOpenIngress, publicAddress,
	residency,
	deletionProtection, backups, redundancy,
	leastPrivilege, noAdministrator, noPublicGrant, identitiesOnly, serviceIdentity,
	noPrivilegedPod, imageDigest, meshStrict,
	logging, logRetention, auditTrail, alertOwner, alertRunbook, databaseAlarm, queueDeadLetter, monitoringFirst,
	tagsComplete, tagsAllowed, sizes, counts, versions,
}
