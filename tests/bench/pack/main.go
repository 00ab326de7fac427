// Command pack is the policy pack for a company that is not in the catalogue: its services are named by their number.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/policies/pack"
	"platform/policies/rules"
	"platform/stacks/config"
)

// services is the variable that says how many services the company has.
const services = "BENCH_SERVICES"

func main() {
	if err := pack.Serve(environment); err != nil {
		fmt.Fprintln(os.Stderr, "pack: "+err.Error())
		os.Exit(1)
	}
}

func environment(ctx *pulumi.Context) (rules.Environment, error) {
	settings, err := config.Read(ctx)
	if err != nil {
		return rules.Environment{}, err
	}
	n, err := strconv.Atoi(os.Getenv(services))
	if err != nil {
		return rules.Environment{}, fmt.Errorf("%s: %w", services, err)
	}
	e := rules.Of(settings, time.Now())
	e.Services = nil
	for i := range n {
		e.Services = append(e.Services, fmt.Sprintf("service-%03d", i))
	}
	return e, nil
}
