package alerts

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// commands is the folder of the servers' commands.
func commands(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("PLATFORM_PROMETHEUS")
	if folder == "" {
		t.Fatal("PLATFORM_PROMETHEUS is not set: run `make test`, which builds the commands of Prometheus and Alertmanager and names their folder there")
	}
	return folder
}

// serve starts a server on this machine alone, waits until it is ready, and ends it with the test.
func serve(t *testing.T, name string, args ...string) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cmd := exec.Command(filepath.Join(commands(t), name), append(args, "--web.listen-address="+address)...)
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			_ = cmd.Process.Kill()
		}
	})
	for deadline := time.Now().Add(2 * time.Minute); ; {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("%s ended: %v\n%s", name, err, log.String())
		case <-time.After(50 * time.Millisecond):
		}
		if response, err := http.Get("http://" + address + "/-/ready"); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return "http://" + address
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s was not ready within two minutes", name)
		}
	}
}

// record writes the month through Prometheus's own rule engine, and returns the folder that a Prometheus serves.
func record(t *testing.T, all []recorded) string {
	t.Helper()
	var lines []string
	for _, r := range all {
		lines = append(lines, r.notation())
	}
	dir := t.TempDir()
	series, data := filepath.Join(dir, "series.txt"), filepath.Join(dir, "data")
	write(t, series, strings.Join(lines, "\n")+"\n")
	cmd := exec.Command("go", "run", "./cmd/record", "-from", from.Format(time.RFC3339), "-interval", interval.String(),
		"-series", series, "-rules", rules(t), "-out", data)
	cmd.Dir = filepath.Join("..", "prometheus")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("record: %v\n%s", err, out)
	}
	return data
}

func rules(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", "rules.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// startPrometheus serves a recorded month, with the rules of it.
func startPrometheus(t *testing.T, data string) string {
	t.Helper()
	config := filepath.Join(t.TempDir(), "prometheus.yml")
	write(t, config, fmt.Sprintf("global:\n  external_labels: {environment: prod-aws, prometheus_replica: a}\nrule_files: [%q]\n", rules(t)))
	return serve(t, "prometheus", "--config.file="+config, "--storage.tsdb.path="+data, "--storage.tsdb.retention.time=100y", "--log.level=warn")
}

// startAlertmanager has the silences of the month, made as people make them.
func startAlertmanager(t *testing.T, all []silence) string {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "alertmanager.yml")
	write(t, config, "route: {receiver: none}\nreceivers: [{name: none}]\n")
	url := serve(t, "alertmanager", "--config.file="+config, "--storage.path="+filepath.Join(dir, "data"), "--cluster.listen-address=", "--log.level=warn")
	for _, s := range all {
		create(t, url, s)
	}
	return url
}

func create(t *testing.T, url string, s silence) {
	t.Helper()
	var matchers []map[string]any
	for name, value := range s.match {
		pattern, isPattern := strings.CutPrefix(value, "~")
		matchers = append(matchers, map[string]any{"name": name, "value": pattern, "isRegex": isPattern, "isEqual": true})
	}
	raw, err := json.Marshal(map[string]any{
		"matchers": matchers, "startsAt": s.from, "endsAt": s.from.Add(s.length), "createdBy": s.by, "comment": s.comment,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/api/v2/silences", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if said, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusOK {
		t.Fatalf("silence by %s: %s: %s", s.by, response.Status, said)
	}
}
