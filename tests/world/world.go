// Package world puts the simulated clouds of an environment together: its own, and that of the clusters in it.
package world

import (
	"fmt"
	"slices"

	"platform/stacks/catalog"
	"platform/stacks/config"
	"platform/tests/cloud"
	"platform/tests/cloud/aws"
	"platform/tests/cloud/azure"
	"platform/tests/cloud/controller"
	"platform/tests/cloud/gcp"
	"platform/tests/cloud/kubernetes"
	"platform/tests/workload"
)

// Place is where an environment is.
type Place struct {
	Cloud   string // aws, azure or gcp
	Account string // account, subscription or project
	Zone    string // the delegated DNS zone, which is there before
	Domain  string // of the zone
	// Certificate is where one of all hosts right below the domain is kept, on a cloud that issues none.
	Certificate string
	// Principals are those that the environment lets in, and that are there before.
	Principals []string
	// Catalog is of the teams whose repositories can be read from Git, where they hold services in the folder of an environment.
	Catalog catalog.Catalog
	Folder  string
}

// At is the place of an environment.
func At(s config.Settings) Place {
	l := s.Landing
	return Place{Cloud: s.Cloud, Account: l.Account, Zone: l.DNS.Zone, Domain: l.DNS.Domain, Certificate: l.Certificate,
		Principals: append(slices.Clone(l.Admins), l.Viewers...), Catalog: s.Catalog, Folder: s.Delivery.Folder}
}

// Mould is what environments that live for some hours have in common on a cloud: where they are, and whose services they run.
func Mould(on, region string) (config.Settings, error) {
	company, err := catalog.Load()
	return config.Settings{
		Environment: config.Mould, Cloud: on, Region: region, Landing: company.LandingZones[on][config.Mould], Catalog: company,
		Delivery: config.Delivery{Folder: config.Mould},
	}, err
}

// World is what an environment is built in.
type World struct {
	Packages []cloud.Package
	Seed     []cloud.Object // what is there before
}

// Of makes the world of places, of which each cloud has one at most. What is read from Git is that of the first.
func Of(places ...Place) (World, error) {
	var out World
	var controllers []controller.Cloud
	for _, p := range places {
		table, seed, controls, err := in(p)
		if err != nil {
			return World{}, err
		}
		out.Packages, out.Seed, controllers = append(out.Packages, table), append(out.Seed, seed...), append(controllers, controls)
	}
	clusters, err := kubernetes.New(controllers...)
	if err != nil {
		return World{}, err
	}
	if clusters.Repositories, err = workload.Repositories(places[0].Catalog, places[0].Folder); err != nil {
		return World{}, err
	}
	out.Packages = append(out.Packages, clusters)
	return out, nil
}

// in is a cloud with what is there before, and what its controllers do for a cluster.
func in(p Place) (table *cloud.Table, seed []cloud.Object, controls controller.Cloud, err error) {
	switch p.Cloud {
	case "aws":
		table, err = aws.New(p.Account)
		seed = aws.Baseline(p.Account, p.Zone, p.Domain)
		controls = aws.Controllers()
	case "azure":
		table, err = azure.New(p.Account)
		seed = azure.Baseline(p.Account, p.Zone, p.Domain, p.Certificate)
		controls = azure.Controllers()
	case "gcp":
		table, err = gcp.New(p.Account)
		seed = gcp.Baseline(p.Account, p.Zone, p.Domain, p.Principals...)
		controls = gcp.Controllers()
	default:
		err = fmt.Errorf("cloud %q is not simulated", p.Cloud)
	}
	return table, seed, controls, err
}
