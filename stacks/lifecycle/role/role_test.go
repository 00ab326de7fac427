package role

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"platform/policies/document"
	"platform/stacks/config"
)

func settings(t *testing.T, environment string) config.Settings {
	t.Helper()
	s, err := config.Stated(os.DirFS("../.."), environment)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestTheDeployRolesAreWritten compares what each environment's golden inventory needs with docs/deploy-role.
// UPDATE_GOLDEN=1 (make deploy-roles) rewrites the files.
func TestTheDeployRolesAreWritten(t *testing.T) {
	files, err := filepath.Glob("../../../tests/environments/testdata/*.txt")
	if err != nil || len(files) < 8 {
		t.Fatalf("found %v (%v)", files, err)
	}
	for _, inventory := range files {
		name := strings.TrimSuffix(filepath.Base(inventory), ".txt")
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(inventory)
			if err != nil {
				t.Fatal(err)
			}
			s := settings(t, name)
			var got bytes.Buffer
			if err := Write(&got, Read(raw), "deploy", s); err != nil {
				t.Fatal(err)
			}
			file := "../../../docs/deploy-role/" + name + ".json"
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if want, err := os.ReadFile(file); err != nil || !bytes.Equal(want, got.Bytes()) {
				t.Errorf("%s is not what the inventory needs (%v): make deploy-roles rewrites it", file, err)
			}
			judges[s.Cloud](t, got.Bytes(), s)
		})
	}
}

// judges are what a role must be, by cloud.
var judges = map[string]func(*testing.T, []byte, config.Settings){"aws": policies, "azure": definition, "gcp": custom}

func decoded[T any](t *testing.T, raw []byte) T {
	t.Helper()
	var out T
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func policies(t *testing.T, raw []byte, s config.Settings) {
	t.Helper()
	for _, p := range decoded[[]Policy](t, raw) {
		judge(t, p, s)
	}
}

// action is the name of one operation of Azure (https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format).
var action = regexp.MustCompile(`^Microsoft\.[A-Za-z]+(/[A-Za-z0-9]+)+/(read|write|delete|action|Read|Write|Delete)$`)

// definition wants actions by name, in the environment's subscription, and an assignment that makes nobody an administrator.
func definition(t *testing.T, raw []byte, s config.Settings) {
	t.Helper()
	a := decoded[Azure](t, raw)
	scope := "/subscriptions/" + s.Landing.Account
	if !slices.Equal(a.Role.AssignableScopes, []string{scope}) || a.Assignment.Scope != scope || !a.Role.IsCustom {
		t.Errorf("role of %v, assigned at %s", a.Role.AssignableScopes, a.Assignment.Scope)
	}
	if n := len(a.Role.Actions); n < 100 {
		t.Errorf("%d actions", n)
	}
	for _, name := range a.Role.Actions {
		if !action.MatchString(name) {
			t.Errorf("action %q", name)
		}
	}
	for _, never := range []string{"Microsoft.Authorization/elevateAccess/action", "Microsoft.Authorization/roleDefinitions/write"} {
		if slices.Contains(a.Role.Actions, never) {
			t.Errorf("the pipeline may %s", never)
		}
	}
	if len(a.Role.DataActions) > 0 {
		t.Errorf("the pipeline reads or writes data: %v", a.Role.DataActions)
	}
	for _, part := range []string{"roleAssignments/write'})) OR (@Request[", "roleAssignments/delete'})) OR (@Resource["} {
		if !strings.Contains(a.Assignment.Condition, part) {
			t.Errorf("condition %s has no %s", a.Assignment.Condition, part)
		}
	}
	for id, name := range document.AllRoles {
		if strings.Contains(a.Assignment.Condition, id) {
			t.Errorf("the pipeline may make somebody %s", name)
		}
	}
}

// custom wants permissions by name, as many as a role may have, and none that a project cannot grant.
func custom(t *testing.T, raw []byte, _ config.Settings) {
	t.Helper()
	role := decoded[GCP](t, raw).Role
	if n := len(role.Permissions); n < 50 || n > MaxPermissions {
		t.Errorf("%d permissions", n)
	}
	for _, permission := range role.Permissions {
		if strings.Count(permission, ".") != 2 || strings.Contains(permission, "*") || strings.HasPrefix(permission, "orgpolicy.") {
			t.Errorf("permission %q", permission)
		}
	}
}

// within are the regions in which a role may work: that of the environment, and those of what is cast in the mould.
func within(s config.Settings) []string {
	if s.Environment == config.Mould {
		return []string{"eu-central-1", "eu-north-1", "eu-west-1"}
	}
	return []string{s.Region}
}

// judge wants actions by name, in the region or on the environment's own things.
func judge(t *testing.T, p Policy, s config.Settings) {
	t.Helper()
	if n := length(p.Document); n > MaxPolicy {
		t.Errorf("%s has %d characters, %d are allowed", p.Name, n, MaxPolicy)
	}
	for _, st := range p.Document.Statement {
		for _, action := range st.Action {
			if strings.Contains(action, "*") || document.Every(action) {
				t.Errorf("%s %s: action %s", p.Name, st.Sid, action)
			}
		}
		for _, resource := range st.Resource {
			if region := st.Condition["StringEquals"]["aws:RequestedRegion"]; resource == "*" && !slices.Equal(region, within(s)) {
				t.Errorf("%s %s: every resource in %v", p.Name, st.Sid, region)
			}
		}
		for _, resource := range st.Resource {
			own := []string{"arn:aws:iam::" + s.Landing.Account + ":role/" + s.Environment + "-*", recorderRole(s)}
			if s.Environment == config.Mould {
				own = append(own, "arn:aws:iam::"+s.Landing.Account+":role/pr-*")
			}
			if st.Sid == "PassRole" && !slices.Contains(own, resource) {
				t.Errorf("%s: role %s may be passed", p.Name, resource)
			}
		}
	}
}

func TestATypeWithoutAnEntryIsNamedWithTheFile(t *testing.T) {
	for environment, kind := range map[string]string{
		"dev-aws": "aws:lambda/function:Function", "dev-azure": "azure-native:web:WebApp", "dev-gcp": "gcp:cloudrun/service:Service",
	} {
		s := settings(t, environment)
		_, err := Of(Uses{Types: []string{kind}}, "deploy", s)
		if want := "type " + kind + ": add what it needs to stacks/lifecycle/role/" + s.Cloud + ".yaml"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("found %v", err)
		}
	}
}

// ruled finds the types of a rule table of the simulated clouds.
var ruled = regexp.MustCompile(`(?m)^"?((?:aws|azure-native|gcp):[A-Za-z0-9/]+:[A-Za-z0-9]+)"?:$`)

func TestEachTypeThatIsSimulatedHasAnEntry(t *testing.T) {
	for name := range clouds {
		files, err := filepath.Glob("../../../tests/cloud/" + name + "/rules/*.yaml")
		if err != nil || len(files) < 15 {
			t.Fatalf("found %v (%v)", files, err)
		}
		all, err := table(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range ruled.FindAllSubmatch(raw, -1) {
				if kind := document.Kind(string(m[1])); all[kind].Source == "" {
					t.Errorf("%s has %s, and stacks/lifecycle/role/%s.yaml does not", file, kind, name)
				}
			}
		}
	}
}

func TestEachEntryHasASourceAndIsRead(t *testing.T) {
	for name, page := range map[string]string{
		"aws":   "https://docs.aws.amazon.com/service-authorization/",
		"azure": "https://learn.microsoft.com/azure/role-based-access-control/permissions/",
		"gcp":   "https://cloud.google.com/iam/docs/roles-permissions/",
	} {
		all, err := table(name)
		if err != nil {
			t.Fatal(err)
		}
		for kind, n := range all {
			if !strings.HasPrefix(n.Source, page) || len(n.Above) == 0 && (len(n.Create) == 0 || len(n.Read) == 0) {
				t.Errorf("%s: source %q, %d actions to create it and %d to read it", kind, n.Source, len(n.Create), len(n.Read))
			}
		}
	}
}

func TestTypesAndRolesAreReadFromAState(t *testing.T) {
	got := Read([]byte(`{"resources":[{"urn":"x","type": "aws:sqs/queue:Queue"},{"type":"aws:sqs/queue:Queue", "inputs": {
		"roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"}}]}`))
	if !slices.Equal(got.Types, []string{"aws:sqs/queue:Queue"}) || !slices.Equal(got.Roles, []string{"acdd72a7-3385-48ef-bd42-f606fba81ae7"}) {
		t.Errorf("found %v", got)
	}
}

func TestNoAdministratorIsAssigned(t *testing.T) {
	const owner, reader = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "acdd72a7-3385-48ef-bd42-f606fba81ae7"
	s := settings(t, "dev-azure")
	for want, roles := range map[string][]string{
		"role " + owner + " is Owner": {reader, owner},
		"none is named":               nil,
	} {
		_, err := Of(Uses{Types: []string{"azure-native:authorization:RoleAssignment"}, Roles: roles}, "deploy", s)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: found %v, want %q", roles, err, want)
		}
	}
}

func TestAConditionIsAsLongAsAzureTakes(t *testing.T) {
	roles := slices.Repeat([]string{"acdd72a7-3385-48ef-bd42-f606fba81ae7"}, MaxCondition/36)
	_, err := Of(Uses{Types: []string{"azure-native:authorization:RoleAssignment"}, Roles: roles}, "deploy", settings(t, "dev-azure"))
	if err == nil || !strings.Contains(err.Error(), "assignment.condition has") {
		t.Errorf("found %v", err)
	}
}

func TestOnlyTheOrganizationLetsConstraintsBeSet(t *testing.T) {
	got, err := Of(Uses{Types: []string{"gcp:orgpolicy/policy:Policy", "gcp:pubsub/topic:Topic"}}, "deploy", settings(t, "dev-gcp"))
	if err != nil {
		t.Fatal(err)
	}
	above := got.(GCP).Organization
	if above == nil || above.Role != "roles/orgpolicy.policyAdmin" || !slices.Contains(above.Permissions, "orgpolicy.policy.set") {
		t.Errorf("found %+v", above)
	}
}

func TestTheRecordersRoleIsItsOwn(t *testing.T) {
	s := settings(t, "dev-aws")
	got, err := Of(Uses{Types: []string{"aws:cfg/recorder:Recorder", "aws:iam/role:Role", "aws:iam/serviceLinkedRole:ServiceLinkedRole"}}, "deploy", s)
	if err != nil {
		t.Fatal(err)
	}
	on := map[string][]string{}
	for _, p := range got.([]Policy) {
		for _, st := range p.Document.Statement {
			if slices.Contains(st.Resource, recorderRole(s)) {
				on[st.Sid] = st.Action
			}
		}
	}
	if len(on) != 2 || !slices.Equal(on["PassRole"], []string{"iam:PassRole"}) || !slices.Equal(on["RecorderRole"], onRecorder) {
		t.Errorf("found %v", on)
	}
}

// Whoever asks what is there only reads, in the environment's own account and region.
func TestWhoAsksTheInventoryOnlyReads(t *testing.T) {
	reads := regexp.MustCompile(`^(resource-explorer-2:ListResources|tag:GetResources|\*/read|cloudasset\.assets\.searchAllResources|serviceusage\.services\.use)$`)
	for _, name := range []string{"dev-aws", "staging-aws", "prod-azure", "dev-gcp", config.Mould} {
		s := settings(t, name)
		got, err := Of(Uses{}, Inventory, s)
		if err != nil {
			t.Fatal(err)
		}
		var actions []string
		switch got := got.(type) {
		case []Policy:
			for _, st := range got[0].Document.Statement {
				actions = append(actions, st.Action...)
				if in := st.Condition["StringEquals"]["aws:RequestedRegion"]; !slices.Contains(in, "us-east-1") || !slices.Contains(in, within(s)[0]) {
					t.Errorf("%s: in the regions %v", name, in)
				}
			}
		case Azure:
			actions = got.Role.Actions
			if scope := "/subscriptions/" + s.Landing.Account; got.Assignment.Scope != scope {
				t.Errorf("%s: at %s, want %s", name, got.Assignment.Scope, scope)
			}
		case GCP:
			actions = got.Role.Permissions
		}
		if len(actions) == 0 {
			t.Errorf("%s: nothing", name)
		}
		for _, action := range actions {
			if !reads.MatchString(action) {
				t.Errorf("%s: may %s", name, action)
			}
		}
	}
}

// Whoever ends orphans ends nothing but the environment's own things, where the cloud can be told so.
func TestWhoEndsOrphansEndsTheEnvironmentsAlone(t *testing.T) {
	for _, name := range []string{"dev-aws", config.Mould} {
		s, own := settings(t, name), []string{name}
		if s.Pool != nil {
			own = append(own, s.Pool.Prefix+"*")
		}
		got, err := Of(Uses{}, Orphans, s)
		if err != nil {
			t.Fatal(err)
		}
		policies, ok := got.([]Policy)
		if !ok {
			t.Fatalf("%s: %T", name, got)
		}
		ends := regexp.MustCompile(`:(Delete|Terminate)`)
		for _, st := range policies[0].Document.Statement {
			for _, action := range st.Action {
				tagged := st.Condition["StringLike"]["aws:ResourceTag/environment"]
				if ends.MatchString(action) && action != "cloudformation:DeleteResource" && !slices.Equal(tagged, own) {
					t.Errorf("%s: %s of %v, want %v", name, action, tagged, own)
				}
			}
			if !slices.Contains(st.Condition["StringEquals"]["aws:RequestedRegion"], within(s)[0]) {
				t.Errorf("%s: %s in %v", name, st.Sid, st.Condition)
			}
		}
	}
	got, err := Of(Uses{}, Orphans, settings(t, "dev-gcp"))
	ends := regexp.MustCompile(`^(compute\.[A-Za-z]+\.(delete|get|updatePolicy)|serviceusage\.services\.use)$`)
	if role, ok := got.(GCP); err != nil || !ok || slices.ContainsFunc(role.Role.Permissions, func(p string) bool { return !ends.MatchString(p) }) {
		t.Errorf("gcp: %v, %v", got, err)
	}
	if _, err := Of(Uses{}, Orphans, settings(t, "dev-azure")); err == nil || !strings.Contains(err.Error(), "takes along what it made") {
		t.Errorf("azure: %v", err)
	}
}
