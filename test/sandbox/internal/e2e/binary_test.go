// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/api"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/plane"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/proc"
)

// binary is the sandbox under test.
var binary = flag.String("binary", os.Getenv("SANDBOX_BIN"), "test this binary instead of building one (default $SANDBOX_BIN)")

func TestMain(m *testing.M) {
	flag.Parse()
	if *binary == "" {
		built, err := build()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		*binary = built
	}
	os.Exit(m.Run())
}

// build links the binary in the user's cache directory, where the go command finds it up to date the next time.
func build() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	out := filepath.Join(cache, "kubectl-micro-sandbox", "test-binary")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags",
		"-s -w -X k8s.io/component-base/version.gitVersion=v1.36.3", "-o", out, "../..")
	cmd.Stderr = os.Stderr
	return out, cmd.Run()
}

// box is a sandbox of one test.
type box struct {
	t   *testing.T
	dir string
}

func newBox(t *testing.T) *box {
	b := &box{t, filepath.Join(t.TempDir(), "box")}
	t.Cleanup(func() {
		if t.Failed() {
			if log, err := os.ReadFile(filepath.Join(b.dir, "supervisor.log")); err == nil {
				t.Logf("supervisor: %s", log)
			}
		}
		if out, code := b.run("down"); code != 0 {
			t.Errorf("down: exit %d: %s", code, out)
		}
	})
	return b
}

func (b *box) command(verb string, args ...string) *exec.Cmd {
	return exec.Command(*binary, append([]string{verb, "--dir", b.dir}, args...)...)
}

// run executes a command and returns what it printed and its exit code.
func (b *box) run(verb string, args ...string) (string, int) {
	cmd := b.command(verb, args...)
	var out, progress bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &progress
	_ = cmd.Run()
	if cmd.ProcessState.ExitCode() != 0 {
		return out.String() + progress.String(), cmd.ProcessState.ExitCode()
	}
	return out.String(), 0
}

// must is run for commands that have to succeed.
func (b *box) must(verb string, args ...string) string {
	b.t.Helper()
	out, code := b.run(verb, args...)
	if code != 0 {
		b.t.Fatalf("%s %v: exit %d: %s", verb, args, code, out)
	}
	return out
}

type status struct {
	Running    bool
	Phase      string
	Error      string
	Pid        int
	APIServer  string
	Kubeconfig string
	AuditLog   string
	Components []struct {
		Name    string
		Pid     int
		Log     string
		Running bool
	}
}

func (b *box) status() (s status) {
	b.t.Helper()
	out, _ := b.command("status", "-o", "json").Output()
	if err := json.Unmarshal(out, &s); err != nil {
		b.t.Fatalf("status printed %q: %v", out, err)
	}
	return s
}

func (s status) pids() []int {
	pids := []int{s.Pid}
	for _, component := range s.Components {
		pids = append(pids, component.Pid)
	}
	return pids
}

// gone checks that all the processes end.
func gone(t *testing.T, pids []int) {
	t.Helper()
	if len(pids) < 2 {
		t.Fatalf("expected the processes of a sandbox, found only %v", pids)
	}
	if left := proc.AwaitGone(t.Context(), pids, 10*time.Second); len(left) > 0 {
		t.Errorf("expected none of %v to be left, found %v", pids, left)
	}
}

// client talks to the sandbox as the user of a kubeconfig that the sandbox makes.
func (b *box) client(args ...string) *api.Client {
	b.t.Helper()
	var config struct {
		Clusters []struct {
			Cluster struct {
				Server string
				CA     []byte `json:"certificate-authority-data"`
			}
		}
		Users []struct {
			User struct {
				Cert []byte `json:"client-certificate-data"`
				Key  []byte `json:"client-key-data"`
			}
		}
	}
	if err := yaml.Unmarshal([]byte(b.must("kubeconfig", args...)), &config); err != nil {
		b.t.Fatal(err)
	}
	user, cluster := config.Users[0].User, config.Clusters[0].Cluster
	client, err := api.New(plane.Access{
		Server: cluster.Server, CA: cluster.CA, Pair: &plane.KeyPair{Cert: user.Cert, Key: user.Key},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return client
}

// apply creates objects written as YAML in a namespace's collection.
func apply(t *testing.T, client *api.Client, path, object string) {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(object))
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Post(t.Context(), path, json.RawMessage(data)); err != nil {
		t.Fatal(err)
	}
}

// countAudit counts the requests of a user in the audit log.
func countAudit(t *testing.T, file, user string) (count int) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		var event struct{ User struct{ Username string } }
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatalf("audit log has %q: %v", line, err)
		}
		if event.User.Username == user {
			count++
		}
	}
	return count
}
