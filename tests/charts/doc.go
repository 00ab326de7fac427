// Package charts reads the real charts that the platform releases: which values they declare, what they make of the
// values that are given, and which custom resources they define.
//
// A chart's source comes from the Go module proxy, pinned by version and hash in charts.yaml: a repository of charts is a
// module without Go in it. It is fetched once into the module cache.
package charts
