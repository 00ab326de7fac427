package environments

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"platform/policies/document"
	"platform/stacks/config"
	"platform/stacks/lifecycle/audit"
	"platform/tests/rehearsal"
)

const accessDocs = "../../docs/access"

// accessIsWritten compares who may do what in an environment that is up with docs/access, and wants each grant to be asked for.
// UPDATE_ACCESS=1 (make access) rewrites the files.
func accessIsWritten(t *testing.T, name string, e *rehearsal.Environment) {
	t.Helper()
	s, err := config.Stated(os.DirFS(stacks), name)
	if err != nil {
		t.Fatal(err)
	}
	state, err := e.State(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	r, err := audit.OfState(state.Deployment, s)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range r.Identities {
		if i.Why == "" {
			t.Errorf("nothing asked for %s %s", i.Kind, i.Name)
		}
	}
	for _, g := range r.Grants {
		if g.Why == "" {
			t.Errorf("nothing asked for a grant: say in stacks/lifecycle/audit/why.go what does, or take it out\n%s", g)
		}
	}
	everyGrantIsRead(t, state.Deployment)
	for ending, format := range map[string]string{".md": "markdown", ".json": "json"} {
		var got bytes.Buffer
		if err := r.Write(&got, format); err != nil {
			t.Fatal(err)
		}
		search(t, map[string][]byte{name + ending: got.Bytes()})
		file := filepath.Join(accessDocs, name+ending)
		if os.Getenv("UPDATE_ACCESS") != "" {
			if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Errorf("%v: make access writes it", err)
		} else if !bytes.Equal(want, got.Bytes()) {
			t.Errorf("%s differs (make access rewrites it, git diff shows it all); first:\n%s", file, firstDifference(string(want), got.String()))
		}
	}
}

// speaking are the properties by which a resource gives somebody something.
var speaking = []string{"policy", "policyArn", "assumeRolePolicy", "principalId", "principalArn", "member", "members", "roleDefinitionId", "roleRef", "subjects"}

// notAccess are types of which such a property says something else.
var notAccess = map[string]string{
	"azure-native:storage:ManagementPolicy": "how long blobs are kept",
	"aws:ec2/vpcEndpoint:VpcEndpoint":       "what may go through an endpoint, on top of what identities may do",
}

// everyGrantIsRead wants the audit to read each type that gives somebody something.
func everyGrantIsRead(t *testing.T, deployment json.RawMessage) {
	t.Helper()
	var state struct {
		Resources []struct {
			URN, Type string
			Inputs    map[string]any
		}
	}
	if err := json.Unmarshal(deployment, &state); err != nil {
		t.Fatal(err)
	}
	read := strings.Join(audit.Types(), "\n") + "\n"
	for _, r := range state.Resources {
		kind := document.Kind(r.Type)
		for _, property := range speaking {
			if r.Inputs[property] != nil && notAccess[kind] == "" && !strings.Contains(read, kind+"\n") {
				t.Errorf("%s says %s, and the audit does not read %s: add it to stacks/lifecycle/audit/grant.go", r.URN, property, kind)
			}
		}
	}
}
