// Package delivery brings what runs in the cluster from Git: Argo CD, a project for each team that reaches its services'
// namespaces and its repository alone, and an application for each service. It is the same on every cloud.
package delivery
