// Package query says in Datadog's language of monitors what is measured and from when on somebody is told
// (https://docs.datadoghq.com/api/latest/monitors/#create-a-monitor). It is pure: who is told, and of what, is said elsewhere.
package query
