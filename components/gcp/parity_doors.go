package gcp

import "platform/components/parity"

// parityDoors says how this cloud serves the capabilities of doors and alarms.
var parityDoors = []parity.Row{
	{ID: "G1", Level: parity.Differs, How: "callers prove themselves by tokens only: API Gateway always answers under a host name of Google's too, where no client " +
		"certificate is asked for; a key that the load balancer adds to each request keeps callers from going around its rates and its audience header, and " +
		"API Gateway may let requests without it pass while Google's Service Control is down, but never without a token. Cloud Armor counts each rate over ten seconds, " +
		"in each region where requests enter, and knows no burst of its own"},
	{ID: "G2", Level: parity.Differs, How: "what GKE makes for a door bears no labels: GKE's controllers set none"},
	{ID: "G3", Level: parity.Differs, How: "API Gateway is in few regions: doors of the European Union's other regions stand in Belgium, and elsewhere a region without it is refused. It reaches public " +
		"addresses only: the way into the cluster is the public name of the ingress, over TLS and with an identity token of the gateway's own account, which the ingress " +
		"asks for; the caller's token arrives as X-Forwarded-Authorization. Methods that OpenAPI 2.0 does not name, such as TRACE, do not pass"},
	{ID: "G4", Level: parity.Differs, How: "a global load balancer before each door with a certificate proven by the zone, TLS 1.2 or newer, and Cloud Armor's preconfigured rules against attacks; " +
		"TLS ends at Google's edge nearest to the caller, which need not be in the environment's region. A new project may have 20 Cloud Armor rules with expressions: one for " +
		"each door and one for each route of each audience; the quota can be raised"},
	{ID: "O6", Level: parity.Differs, How: "alert policies that mail the owner; a team without an address sees its incidents in the console only. Storage is watched as used share, " +
		"doors by the metrics of their load balancers. No size of a database bursts, so that there are no credits; that a standby can take over is watched here only. GKE tells nothing of " +
		"the cluster's own store, and of machines how often one was taken away. Every quota of the project that counts what is there is watched, in one policy"},
}
