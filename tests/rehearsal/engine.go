package rehearsal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"

	"github.com/blang/semver"
)

// Engine runs the Pulumi command for the Automation API. It is our own so that a test can kill the
// running command, which is how a dying pipeline looks from the outside.
type Engine struct {
	// Ordinary lets the engine collect garbage as often as a user's does: what measures it wants that. Without, it takes less of
	// the processors' time and some hundred MiB more (https://go.dev/doc/gc-guide#GOGC).
	Ordinary bool

	path    string
	version semver.Version

	mu      sync.Mutex
	running map[*exec.Cmd]bool
	peak    int64
}

// NewEngine checks that path is a Pulumi command and reads its version.
func NewEngine(ctx context.Context, path string) (*Engine, error) {
	version, err := versionOf(ctx, path)
	if err != nil {
		return nil, err
	}
	return &Engine{path: path, version: version, running: map[*exec.Cmd]bool{}}, nil
}

// versions are those of the commands that this process has asked: to ask takes a command as long as a small run.
var versions sync.Map

func versionOf(ctx context.Context, path string) (semver.Version, error) {
	if known, ok := versions.Load(path); ok {
		return known.(semver.Version), nil
	}
	out, err := exec.CommandContext(ctx, path, "version").Output()
	if err != nil {
		return semver.Version{}, fmt.Errorf("ask %s for its version (run `make pulumi` to build the pinned one): %w", path, err)
	}
	version, err := semver.ParseTolerant(strings.TrimSpace(string(out)))
	if err != nil {
		return version, fmt.Errorf("%s version printed %q: %w", path, out, err)
	}
	versions.Store(path, version)
	return version, nil
}

// NamedEngine is the Pulumi command that `make test` names.
func NamedEngine(ctx context.Context) (*Engine, error) {
	path := os.Getenv("PLATFORM_PULUMI")
	if path == "" {
		return nil, errors.New("PLATFORM_PULUMI is not set: run `make test`, which finds or builds the Pulumi command and names it there")
	}
	return NewEngine(ctx, path)
}

// Path is where the command is.
func (e *Engine) Path() string { return e.path }

// Version is the command's version.
func (e *Engine) Version() semver.Version { return e.version }

// Run runs one command to its end. A process group of its own lets Kill take plugins with it.
func (e *Engine) Run(
	ctx context.Context, workdir string, stdin io.Reader, stdouts, stderrs []io.Writer,
	env []string, args ...string,
) (string, string, int, error) {
	cmd := exec.Command(e.path, append(args, "--non-interactive")...)
	cmd.Dir = workdir
	cmd.Env = append(os.Environ(), env...)
	if !e.Ordinary && os.Getenv("GOGC") == "" {
		cmd.Env = append(cmd.Env, "GOGC=400") // memory may grow four times as much between two collections as Go lets it
	}
	cmd.Stdin = stdin
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var stdout, stderr bytes.Buffer
	cmd.Stdout = io.MultiWriter(append(stdouts, &stdout)...)
	cmd.Stderr = io.MultiWriter(append(stderrs, &stderr)...)

	e.mu.Lock()
	err := cmd.Start()
	if err == nil {
		e.running[cmd] = true
	}
	e.mu.Unlock()
	if err != nil {
		return "", "", -1, fmt.Errorf("start %s: %w", e.path, err)
	}
	done := make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
			// The engine finishes its running steps on an interrupt and keeps its state whole.
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
		case <-done:
		}
	}()
	err = cmd.Wait()
	close(done)
	e.mu.Lock()
	delete(e.running, cmd)
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		e.peak = max(e.peak, usage.Maxrss)
	}
	e.mu.Unlock()

	var exit *exec.ExitError
	switch {
	case err == nil:
		return stdout.String(), stderr.String(), 0, nil
	case errors.As(err, &exit):
		return stdout.String(), stderr.String(), exit.ExitCode(), err
	default:
		return stdout.String(), stderr.String(), -1, err
	}
}

// Kill ends every running command at once, without a chance to tidy up.
func (e *Engine) Kill() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for cmd := range e.running {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}

// Peak is the most memory in KiB that any command has used since the last call
// (https://man7.org/linux/man-pages/man2/getrusage.2.html).
func (e *Engine) Peak() int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	peak := e.peak
	e.peak = 0
	return peak
}
