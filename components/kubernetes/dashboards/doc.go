// Package dashboards puts the dashboards of an environment where Grafana finds them. They are the same on every cloud.
package dashboards
