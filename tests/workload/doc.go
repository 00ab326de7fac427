// Package workload stands for the teams: it is what their repositories hold, a small service for each entry of the
// catalogue. The program is in the folder service; the manifests are as small as the platform lets them be, and agree
// with components/kubernetes/workload alone.
package workload

// Program is the package of the program that all services run.
const Program = "platform/tests/workload/service"
