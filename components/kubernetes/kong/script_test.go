package kong

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// pod is a pod's folders.
type pod struct{ given, tls, known, prefix string }

func newPod(t *testing.T) pod {
	t.Helper()
	at := t.TempDir()
	p := pod{at + "/given", at + "/tls", at + "/known", at + "/prefix"}
	for _, folder := range []string{p.given, p.tls, p.known, p.prefix + "/pids"} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func write(t *testing.T, path, text string) {
	t.Helper()
	// Whole at once, as the kubelet does it: what is there half would be a change of its own.
	half := filepath.Join(t.TempDir(), "half")
	if err := os.WriteFile(half, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(half, path); err != nil {
		t.Fatal(err)
	}
}

func (p pod) run(t *testing.T, text string) *exec.Cmd {
	t.Helper()
	return exec.CommandContext(t.Context(), "sh", "-c", script(text, p.given, p.tls, p.known, p.prefix, "0.05"))
}

func (p pod) knows(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(p.known, baseFile))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestADoorLearnsKeysAndCertificatesWhileItRuns runs both scripts as the pod does.
func TestADoorLearnsKeysAndCertificatesWhileItRuns(t *testing.T) {
	p := newPod(t)
	write(t, filepath.Join(p.given, baseFile), "nobody")
	write(t, filepath.Join(p.tls, "tls.crt"), "first")
	if out, err := p.run(t, begin).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got := p.knows(t); got != "nobody" {
		t.Errorf("it begins with %q", got)
	}
	// This process stands for Kong's server. A shell would not do: it may lose a signal while it starts a command.
	signals := make(chan os.Signal, 10)
	signal.Notify(signals, syscall.SIGHUP)
	defer signal.Stop(signals)
	begun := func(what string) {
		t.Helper()
		select {
		case <-signals:
		case <-time.After(20 * time.Second):
			t.Fatalf("%s: nothing happens", what)
		}
	}
	write(t, filepath.Join(p.prefix, "pids", "nginx.pid"), strconv.Itoa(os.Getpid())+"\n")
	follower := p.run(t, follow)
	if err := follower.Start(); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(p.given, keysFile), "acme")
	begun("keys are there")
	if got := p.knows(t); got != "acme" {
		t.Errorf("it knows %q", got)
	}
	write(t, filepath.Join(p.tls, "tls.crt"), "second")
	begun("the certificate was renewed")
	write(t, filepath.Join(p.given, keysFile), "globex")
	begun("a key changed")
	if got := p.knows(t); got != "globex" {
		t.Errorf("it knows %q", got)
	}
	time.Sleep(300 * time.Millisecond)
	if len(signals) != 0 {
		t.Error("it begins anew without a reason")
	}
	if err := follower.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := follower.Wait(); err != nil {
		t.Errorf("it does not end when it is told to: %v", err)
	}
}

// What changes while the pod starts is not missed: the state is that of before the door was given what it knows.
func TestWhatChangesMeanwhileIsSeen(t *testing.T) {
	if order := []int{strings.Index(begin, "state >"), strings.LastIndex(begin, "give\n")}; order[0] > order[1] {
		t.Error("the state is taken after what it is of")
	}
	if order := []int{strings.Index(follow, "now=$(state)"), strings.LastIndex(follow, "    give\n")}; order[0] > order[1] {
		t.Error("the state is taken after what it is of")
	}
}
