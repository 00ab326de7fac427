package azure

import "platform/components/parity"

// parityDoors says how this cloud serves the gateway and the cloud's alarms.
var parityDoors = []parity.Row{
	{ID: "G1", Level: parity.Differs, How: "One API Management service: the host name decides about proof and rate. A path and what lies below it count together. " +
		"A client certificate's issuer must itself be in the trust store; ten authorities for all audiences. Whether a certificate was taken back is not asked, as on AWS."},
	{ID: "G2", Level: parity.Differs, How: "a security group guards the nodes' subnet, and lets the internet in to port 443 where an environment has doors in the cluster. The load " +
		"balancer is one for all doors; each has a public address of its own, which alone bears the door's tags"},
	{ID: "G3", Level: parity.Same},
	{ID: "G4", Level: parity.Differs, How: "Names and TLS are the same, but the certificate of the doors is the operator's, in a Key Vault: API Management issues none " +
		"with a new service. There is no web application firewall yet."},
	{ID: "O6", Level: parity.Differs, How: "Service Bus does not say how long messages wait, so their number stands for it. " +
		"The gateway's alarms ask its log, and so come some minutes later. A small database that has used up its burst credits is slowed down, where AWS charges for more. Of machines the hidden " +
		"autoscaler is watched, which gives up when too many fail. Of quotas the graph of resources knows those of compute only; who asks is an identity that is Reader of the subscription"},
}
