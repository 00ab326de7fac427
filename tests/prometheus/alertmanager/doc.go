// Package alertmanager reads the platform's configuration of Alertmanager as Alertmanager does, by its own code.
package alertmanager
