package kubernetes_test

import (
	"strings"
	"testing"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
	"platform/tests/cloud/kubernetes"
)

type values = map[string]any

const endpoint = "https://0123.example.com"

// cluster is a simulated world with one cluster, and the configuration of a provider that reaches it.
func cluster(t *testing.T) (*kubernetes.Package, *cloud.Store, cloud.Config) {
	t.Helper()
	return clusterOf(t, &fake{})
}

func clusterOf(t *testing.T, in *fake) (*kubernetes.Package, *cloud.Store, cloud.Config) {
	t.Helper()
	p, err := kubernetes.New(in)
	if err != nil {
		t.Fatal(err)
	}
	s, err := cloud.OpenStore(t.TempDir(), 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	var c cloud.Config
	if err := s.Update("test", func(tx *cloud.Tx) error {
		tx.Mint(cloud.Object{Type: fakeCluster, ID: "dev", Outputs: values{"endpoint": endpoint}})
		c, err = p.Configure(tx, values{"kubeconfig": `{"clusters":[{"cluster":{"server":"` + endpoint + `"}}]}`})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return p, s, c
}

func TestObjectsAreCheckedAgainstTheSchemas(t *testing.T) {
	p, _, c := cluster(t)
	for _, test := range []struct {
		name, token string
		object      values
		want        string
	}{
		{"a whole namespace", "kubernetes:core/v1:Namespace", values{"metadata": values{"name": "orders"}}, ""},
		{"a misspelt field", "kubernetes:core/v1:Namespace", values{"metadata": values{"name": "orders", "label": values{}}}, "label"},
		{"a name that is none", "kubernetes:core/v1:Namespace", values{"metadata": values{"name": "Orders_1"}}, "Orders_1"},
		{"a field of the wrong type", "kubernetes:apps/v1:Deployment", values{"spec": values{"replicas": "three"}}, "replicas"},
		{"a role with a name that is no host's", "kubernetes:rbac.authorization.k8s.io/v1:Role", values{"metadata": values{"name": "team:view"}}, ""},
		{"a role with a name that is no part of a path", "kubernetes:rbac.authorization.k8s.io/v1:Role", values{"metadata": values{"name": "team/view"}}, "may not be"},
		{"a kind that does not exist", "kubernetes:core/v1:Nothing", values{}, "Nothing"},
	} {
		_, failures := p.Check(c, cloud.CheckRequest{Type: test.token, Name: "x", New: test.object})
		var text []string
		for _, f := range failures {
			text = append(text, f.Reason)
		}
		got := strings.Join(text, "\n")
		if test.want == "" && got != "" || !strings.Contains(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestAnObjectNeedsItsNamespaceAndGoesWithIt(t *testing.T) {
	p, s, c := cluster(t)
	account := values{"metadata": values{"name": "orders", "namespace": "orders"}}
	const accountType, namespaceType = "kubernetes:core/v1:ServiceAccount", "kubernetes:core/v1:Namespace"
	err := s.Update("test", func(tx *cloud.Tx) error {
		if _, err := p.Create(tx, c, accountType, "urn:a", account); !cloud.Refused(err, "NotFound") {
			t.Errorf("without its namespace: %v", err)
		}
		space, err := p.Create(tx, c, namespaceType, "urn:n", values{"metadata": values{"name": "orders"}})
		if err != nil {
			return err
		}
		made, err := p.Create(tx, c, accountType, "urn:a", account)
		if err != nil {
			return err
		}
		if made.PublicID() != "orders/orders" {
			t.Errorf("the id is %s", made.PublicID())
		}
		if _, err := p.Create(tx, c, accountType, "urn:b", account); !cloud.Refused(err, "AlreadyExists") {
			t.Errorf("a second one: %v", err)
		}
		if err := p.Delete(tx, c, space); err != nil {
			return err
		}
		if tx.Get(accountType, made.ID) != nil {
			t.Error("the account outlives its namespace")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAClusterThatDoesNotAnswerIsUnreachable(t *testing.T) {
	for name, end := range map[string]func(*cloud.Tx){
		"gone": func(tx *cloud.Tx) { tx.Remove(cloud.Key{Type: fakeCluster, ID: "dev"}) },
		"silent": func(tx *cloud.Tx) {
			tx.Get(fakeCluster, "dev").Props = values{controller.Silent: true}
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, s, c := cluster(t)
			err := s.Update("test", func(tx *cloud.Tx) error {
				end(tx)
				if forget, err := p.Reach(tx, c); forget || !cloud.Refused(err, "Unreachable") {
					t.Errorf("forget %v, error %v", forget, err)
				}
				c.Values = values{"deleteUnreachable": true}
				if forget, err := p.Reach(tx, c); !forget || err != nil {
					t.Errorf("told to forget: forget %v, error %v", forget, err)
				}
				inputs := values{"metadata": values{"name": "shop"}}
				if _, err := p.Create(tx, c, namespaceType, "urn", inputs); !cloud.Refused(err, "Unreachable") {
					t.Errorf("something is made in it: %v", err)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestAChartsVersionAndValuesAreChecked(t *testing.T) {
	p, _, c := cluster(t)
	_, failures := p.Check(c, cloud.CheckRequest{Type: "kubernetes:helm.sh/v3:Release", Name: "x", New: values{
		"chart": "operator", "name": "a", "namespace": "kube-system", "version": "1.2.3",
		"values": values{"awsRegoin": "eu-central-1"},
	}})
	if len(failures) != 2 || failures[0].Path != "version" || failures[1].Path != "values.awsRegoin" {
		t.Errorf("got %v, want the version and the misspelt value", failures)
	}
}
