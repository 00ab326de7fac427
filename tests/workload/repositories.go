package workload

import (
	"bytes"
	_ "embed"
	"fmt"
	"io/fs"
	"strings"
	"testing/fstest"
	"text/template"

	"platform/components/kubernetes/priority"
	"platform/stacks/catalog"
)

//go:embed manifests.yaml
var manifests string

var form = template.Must(template.New("manifests.yaml").Option("missingkey=error").Funcs(template.FuncMap{"variable": variable}).Parse(manifests))

// variable is the name by which a service reads a secret.
func variable(secret string) string {
	return "SECRET_" + strings.ToUpper(strings.ReplaceAll(secret, "-", "_"))
}

// file is where the manifests of a service are in its team's repository, below its folder.
const file = "service.yaml"

// Repositories are those of all teams of a catalogue by their address, each with its services' folders for an environment.
func Repositories(c catalog.Catalog, environment string) (map[string]fs.FS, error) {
	out := map[string]fs.FS{}
	for _, team := range c.Teams {
		if team.Repository != "" {
			out[team.Repository] = fstest.MapFS{"README.md": {Data: []byte("What runs of a team's services, by service and environment.\n")}}
		}
	}
	for _, name := range c.Names() {
		entry := c.Services[name]
		text, err := manifestsOf(name, entry)
		if err != nil {
			return nil, fmt.Errorf("manifests of %s: %w", name, err)
		}
		if repository, ok := out[c.Teams[entry.Team].Repository].(fstest.MapFS); ok {
			repository[name+"/"+environment+"/"+file] = &fstest.MapFile{Data: text}
		}
	}
	return out, nil
}

func manifestsOf(name string, entry catalog.Service) ([]byte, error) {
	given := struct {
		Service, Team, Priority string
		Interruptible           bool
		Secrets                 []string
	}{name, entry.Team, priority.Service, entry.Interruptible, entry.Secrets}
	if entry.Interruptible {
		given.Priority = priority.Interruptible
	}
	var out bytes.Buffer
	err := form.Execute(&out, given)
	return out.Bytes(), err
}
