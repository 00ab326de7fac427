package database

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:database:Database"

// What is in every server, equal on all clouds, so that a service moves without a change. The names
// are constants since Postgres reserves words that services may be named after, such as "user".
const (
	// Name is the one database.
	Name = "app"
	// Administrator owns the server. Its password is the cloud's: made, kept and rotated by it.
	Administrator = "platform"
	// User is the service's own, which the administrator makes once in a new server.
	User = "app"
	// Port is Postgres's.
	Port = 5432
)

// Driver builds a database on one cloud; every resource is a child of parent.
type Driver interface {
	Sizer
	DatabaseOffer() Offer
	CreateDatabase(ctx *pulumi.Context, name string, args Args, parent pulumi.Resource) (Outputs, error)
}

// Database is the server of one service.
type Database struct {
	pulumi.ResourceState

	Outputs Outputs
}

// New validates the arguments, counts the connections and builds the database, with a pooler where
// the service may open more connections than the server should hold.
func New(
	ctx *pulumi.Context, name string, driver Driver, args Args, opts ...pulumi.ResourceOption,
) (*Database, error) {
	pooled, err := args.Plan(driver)
	if err := errors.Join(args.Validate(driver.DatabaseOffer()), err); err != nil {
		return nil, fmt.Errorf("database %s: %w", name, err)
	}
	component := &Database{}
	// Recorded so that policies judge the neutral request once, on any cloud.
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"service":           pulumi.String(args.Service),
		"size":              pulumi.String(args.Size),
		"version":           pulumi.String(args.Version),
		"storageGiB":        pulumi.Int(args.StorageGiB),
		"multiZone":         pulumi.Bool(args.MultiZone),
		"deleteProtection":  pulumi.Bool(args.DeleteProtection),
		"finalSnapshot":     pulumi.Bool(args.FinalSnapshot),
		"backupDays":        pulumi.Int(args.BackupDays),
		"maxPods":           pulumi.Int(args.MaxPods),
		"connectionsPerPod": pulumi.Int(args.ConnectionsPerPod),
		"pooled":            pulumi.Bool(pooled),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("database %s: %w", name, err)
	}
	outputs, err := driver.CreateDatabase(ctx, name, args, component)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", name, err)
	}
	component.Outputs = outputs
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{
		"name": outputs.Name, "host": outputs.Host, "port": outputs.Port, "user": pulumi.String(outputs.User),
		"connect": outputs.ConnectID, "secret": outputs.SecretID, "key": outputs.KeyID, "pooled": pulumi.Bool(outputs.Pooled),
	}); err != nil {
		return nil, fmt.Errorf("outputs of database %s: %w", name, err)
	}
	return component, nil
}
