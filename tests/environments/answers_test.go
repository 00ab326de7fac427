package environments

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"platform/tests/cloud"
	"platform/tests/workload"
)

// program is that of the services, built once for all tests.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "service")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "service")
	if out, err := exec.Command("go", "build", "-o", path, workload.Program).CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the services' program: %w\n%s", err, out)
	}
	return path, nil
})

// aServiceAnswers runs the program of a service as its pods do, with what they are told and nothing else, and asks it: a service
// with a queue, a database and a secret.
func aServiceAnswers(t *testing.T, all []*cloud.Object) {
	t.Helper()
	const name = "payments"
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	told := podsOf(t, all)[name].Environment
	command := exec.Command(path, "-listen", "127.0.0.1:0", "-metrics", "127.0.0.1:0")
	command.Env = []string{}
	for key, value := range told {
		command.Env = append(command.Env, key+"="+value)
	}
	said, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		if err := command.Wait(); err != nil {
			t.Errorf("the service does not end well: %v", err)
		}
	}()
	addresses := map[string]string{}
	for lines := bufio.NewScanner(said); len(addresses) < 2 && lines.Scan(); {
		what, at, _ := strings.Cut(lines.Text(), " at ")
		addresses[what] = at
	}
	ask := func(what, path string) string {
		client := http.Client{Timeout: 5 * time.Second}
		answer, err := client.Get("http://" + addresses[what] + path)
		if err != nil {
			t.Fatalf("%s does not answer at %s: %v", name, path, err)
		}
		defer func() { _ = answer.Body.Close() }()
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Errorf("%s answers %d at %s: %s (%v)", name, answer.StatusCode, path, body, err)
		}
		return string(body)
	}
	ask("callers", "/healthz")
	ask("callers", "/readyz")
	var got struct {
		Identity string
		Queues   map[string]string
		Database struct{ Host, Port, Name, User string }
		Services map[string]string
		Secrets  map[string]bool

		Telemetry struct {
			Endpoint, Protocol, Service string
			Attributes                  map[string]string
		}
	}
	body := ask("callers", "/payments/7")
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	// What the cloud made, and not what the pods were told, is what the answer must be.
	l, db := linksOf(t, all), got.Database
	for what, there := range map[string]bool{
		"queue":    l.made("queue", "order-placed", last(got.Queues["order-placed"])) && got.Queues["order-placed"] != "",
		"database": db.Host != "" && l.made("database", name, db.Host) && db.Port != "" && db.Name != "" && db.User != "",
		"identity": got.Identity != "" && l.made("identity", name, got.Identity),
		"ledger":   got.Services["ledger"] == "http://ledger.ledger.svc:8080",
		"secret":   got.Secrets["card-network-credentials"],
		"telemetry": got.Telemetry.Service == name && got.Telemetry.Protocol == "http/protobuf" && answers(all, got.Telemetry.Endpoint) &&
			got.Telemetry.Attributes["team"] == "payments" && got.Telemetry.Attributes["service.namespace"] == "payments" &&
			got.Telemetry.Attributes["deployment.environment.name"] != "",
	} {
		if !there {
			t.Errorf("%s does not answer with its %s: %s", name, what, body)
		}
	}
	if values := secretsOf(told); slices.ContainsFunc(values, func(v string) bool { return strings.Contains(body, v) }) || len(values) == 0 {
		t.Errorf("%s tells its secrets: %s", name, body)
	}
	if metrics := ask("metrics", "/metrics"); !strings.Contains(metrics, "http_requests_total 1\n") {
		t.Errorf("%s counts %s", name, metrics)
	}
}

// answers says whether a Service of the cluster, with a pod behind it, answers at an address of the form that services are told.
func answers(all []*cloud.Object, address string) bool {
	at, err := url.Parse(address)
	if err != nil {
		return false
	}
	name, rest, _ := strings.Cut(at.Hostname(), ".")
	namespace, _, _ := strings.Cut(rest, ".")
	found := objectsOf(all, "kubernetes:core/v1:Service")[namespace+"/"+name]
	behind := objectsOf(all, "kubernetes:apps/v1:Deployment")[namespace+"/"+name]
	if found == nil || behind == nil {
		return false
	}
	chosen, _ := found.Value("spec.selector").(map[string]any)
	labels, _ := behind.Value("spec.template.metadata.labels").(map[string]any)
	for key, value := range chosen {
		if labels[key] != value {
			return false
		}
	}
	open := slices.ContainsFunc(listed(found.Value("spec.ports")), func(p map[string]any) bool { return fmt.Sprint(p["port"]) == at.Port() })
	return open && len(chosen) > 0
}

// secretsOf are the values of secrets among what pods are told.
func secretsOf(told map[string]string) []string {
	var out []string
	for key, value := range told {
		if strings.HasPrefix(key, "SECRET_") {
			out = append(out, value)
		}
	}
	return out
}
