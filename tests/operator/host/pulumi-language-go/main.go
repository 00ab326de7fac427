// Command pulumi-language-go stands for Pulumi's own language host, which is not to be had as a module: it starts a program that is
// built already, as that does where the project's file names its binary
// (https://www.pulumi.com/docs/iac/languages-sdks/go/#pre-built-executables).
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// The engine starts a host with its own address, and reads the host's port from the first line that it writes.
func main() {
	engine := os.Args[len(os.Args)-1]
	h, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Init: func(s *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(s, host{engine: engine})
			return nil
		},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(h.Port)
	if err := <-h.Done; err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	engine string
}

func (host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: "1.0.0"}, nil
}

// GetRequiredPackages names none: the providers are attached.
func (host) GetRequiredPackages(context.Context, *pulumirpc.GetRequiredPackagesRequest) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

// Run runs the program to its end. It is told by its environment what it is and whom to ask.
func (h host) Run(ctx context.Context, r *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	config, err := json.Marshal(r.GetConfig())
	if err != nil {
		return nil, err
	}
	secrets, err := json.Marshal(r.GetConfigSecretKeys())
	if err != nil {
		return nil, err
	}
	binary := r.GetInfo().GetOptions().GetFields()["binary"].GetStringValue()
	if binary == "" {
		return nil, fmt.Errorf("the project's file names no binary, and nothing is built here")
	}
	cmd := exec.CommandContext(ctx, binary)
	cmd.Dir, cmd.Stdout, cmd.Stderr = r.GetPwd(), os.Stderr, os.Stderr // what the program prints is no line of the host's
	cmd.Env = append(os.Environ(),
		pulumi.EnvOrganization+"="+r.GetOrganization(), pulumi.EnvProject+"="+r.GetProject(), pulumi.EnvStack+"="+r.GetStack(),
		pulumi.EnvPulumiRootDirectory+"="+r.GetInfo().GetRootDirectory(), pulumi.EnvConfig+"="+string(config), pulumi.EnvConfigSecretKeys+"="+string(secrets),
		fmt.Sprintf("%s=%d", pulumi.EnvParallel, r.GetParallel()), fmt.Sprintf("%s=%t", pulumi.EnvDryRun, r.GetDryRun()),
		pulumi.EnvMonitor+"="+r.GetMonitorAddress(), pulumi.EnvEngine+"="+h.engine)
	if err := cmd.Run(); err != nil {
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("%s: %v", binary, err)}, nil
	}
	return &pulumirpc.RunResponse{}, nil
}
