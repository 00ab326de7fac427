// Package datadog judges what Datadog is asked for, as its documentation says that it does: queries by their grammar, monitors,
// objectives and dashboards by what each must have. It is smaller than Datadog: what it does not know it refuses.
package datadog
