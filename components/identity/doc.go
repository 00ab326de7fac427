// Package identity is the contract of who a service is in the cloud and what it may do there. A
// service has one identity, bound to its service account, and exactly the grants that the catalogue
// gives it. Identity and grants are two components, since the policies of topics and queues name the
// identity, and the grants name the topics and queues.
package identity
