package alerts

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const stacks = "../.."

func faultOf(t *testing.T, variables map[string]string, args ...string) error {
	t.Helper()
	var out bytes.Buffer
	c := Command(func(name string) (string, bool) { value, ok := variables[name]; return value, ok }, func() time.Time { return noon })
	c.SilenceErrors, c.SilenceUsage = true, true
	c.SetArgs(append([]string{"--stacks", stacks}, args...))
	c.SetOut(&out)
	c.SetErr(&out)
	err := c.ExecuteContext(t.Context())
	if err == nil {
		t.Fatalf("no error:\n%s", out.String())
	}
	return err
}

func TestFaultsAreToldAtOnce(t *testing.T) {
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := faultOf(t, map[string]string{"ALERTMANAGER_TOKEN": "two words"},
		"--environment", "dev-aws", "--prometheus", "http://prometheus.example.com", "--alertmanager", "alertmanager", "--ca-file", ca, "--prometheus-token-file", "nowhere",
		"--days", "0", "--until", "tomorrow", "--silences-kept", "-1h", "--again", "0s", "--timeout", "0s", "--often", "NaN", "--format", "html")
	want := `--again: value "0s": more than 0s is allowed
--days: value "0": 1 to 366 is allowed
--format: value "html": one of [text json markdown] is allowed
--often: value "NaN": more than 0 is allowed
--silences-kept: value "-1h0m0s": more than 0s is allowed
--timeout: value "0s": more than 0s is allowed
--until: value "tomorrow": a time as 2026-12-01T00:00:00Z is allowed
--ca-file: value "` + ca + `": a file of certificates in PEM is allowed
--prometheus: value "http://prometheus.example.com": https is allowed, and http only to this machine (kubectl port-forward)
--prometheus-token-file: open nowhere: no such file or directory
--alertmanager: value "alertmanager": https://host[:port][/path] is allowed
--alertmanager-token-file or ALERTMANAGER_TOKEN: one token without spaces is allowed`
	if err.Error() != want {
		t.Errorf("got\n%s\nwant\n%s", err, want)
	}
}

func TestNoPasswordIsRepeated(t *testing.T) {
	for _, address := range []string{"https://ann:hunter2@prometheus.example.com", "https://ann:hunter2@prometheus.example.com:port"} {
		err := faultOf(t, nil, "--environment", "dev-aws", "--prometheus", address, "--alertmanager", "https://alertmanager.example.com")
		if strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "--prometheus: ") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestTheEnvironmentIsOne(t *testing.T) {
	err := faultOf(t, nil, "--environment", "nowhere", "--prometheus", "https://prometheus.example.com", "--alertmanager", "ftp://alertmanager.example.com")
	for _, want := range []string{"nowhere", "--alertmanager: value"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}
