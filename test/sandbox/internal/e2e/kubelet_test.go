// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/api"
)

// subject is the pod that these tests look at. Its usage is a matter of annotations.
const subject = `{apiVersion: v1, kind: Pod, metadata: {name: subject, annotations: {kwok.x-k8s.io/usage-cpu: 250m,
  kwok.x-k8s.io/usage-memory: 200Mi}}, spec: {containers: [{name: app, image: registry.example.com/app}]}}`

// TestKubelet has kubectl ask for what a kubelet does: logs, forwarded ports, commands, usage.
func TestKubelet(t *testing.T) {
	b := newBox(t)
	b.must("up", "--metrics-server")
	if again, code := b.run("up", "--metrics-server"); code != 0 {
		t.Errorf("expected up to find the sandbox running, found %s", again)
	}
	admin := b.client("--user", "tester", "--groups", "system:masters")
	apply(t, admin, "/api/v1/namespaces/default/pods", subject)
	eventually(t, func(ctx context.Context) error {
		var pod struct{ Status struct{ Phase string } }
		if err := admin.Get(ctx, "/api/v1/namespaces/default/pods/subject", &pod); err != nil || pod.Status.Phase != "Running" {
			return fmt.Errorf("expected a running pod, found %q: %w", pod.Status.Phase, err)
		}
		return nil
	})
	t.Run("logs", func(t *testing.T) { logs(t, b, admin) })
	t.Run("port-forward", func(t *testing.T) { portForward(t, b, admin) })
	t.Run("exec", func(t *testing.T) {
		apply(t, admin, "/apis/kwok.x-k8s.io/v1alpha1/clusterexecs",
			`{apiVersion: kwok.x-k8s.io/v1alpha1, kind: ClusterExec, metadata: {name: all}, spec: {execs: [{local: {workDir: /}}]}}`)
		eventually(t, b.prints("hello\n", "exec", "subject", "--", "echo", "hello"))
	})
	t.Run("top", func(t *testing.T) { eventually(t, b.top) })
}

// eventually waits for something that takes the sandbox up to three looks of metrics-server.
func eventually(t *testing.T, check func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := api.Until(ctx, 200*time.Millisecond, check); err != nil {
		t.Fatal(err)
	}
}

// kubectl prepares a command as the administrator, to end with the test.
func (b *box) kubectl(ctx context.Context, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "kubectl", append([]string{"--kubeconfig", b.status().Kubeconfig}, args...)...)
}

// prints checks what kubectl prints, however many blanks are between its columns.
func (b *box) prints(want string, args ...string) func(context.Context) error {
	return func(ctx context.Context) error {
		out, err := b.kubectl(ctx, args...).CombinedOutput()
		if got := strings.Join(strings.Fields(string(out)), " "); err != nil || got != strings.Join(strings.Fields(want), " ") {
			return fmt.Errorf("kubectl %v: expected %q, found %q: %w", args, want, out, err)
		}
		return nil
	}
}

// top checks the usage of the subject. That of CPU is a difference divided by the time between two looks.
func (b *box) top(ctx context.Context) error {
	out, err := b.kubectl(ctx, "top", "pod", "subject", "--no-headers").CombinedOutput()
	if err != nil {
		return fmt.Errorf("kubectl top: %s: %w", out, err)
	}
	var name, memory string
	var cpu int
	if _, err := fmt.Sscanf(string(out), "%s %dm %s", &name, &cpu, &memory); err != nil || cpu < 240 || cpu > 260 || memory != "200Mi" {
		return fmt.Errorf("expected about 250m and 200Mi, found %q", out)
	}
	return nil
}

// logs follows a file that is written meanwhile, in the format of the container runtime: a line in two parts is one.
func logs(t *testing.T, b *box, admin *api.Client) {
	file, err := os.Create(filepath.Join(t.TempDir(), "app.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	write := func(text string) {
		if _, err := file.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	write("2026-03-14T15:09:26.000000001Z stdout P one \n2026-03-14T15:09:26.000000002Z stdout F line\n")
	apply(t, admin, "/apis/kwok.x-k8s.io/v1alpha1/clusterlogs", fmt.Sprintf(
		`{apiVersion: kwok.x-k8s.io/v1alpha1, kind: ClusterLogs, metadata: {name: all}, spec: {logs: [{logsFile: %q, follow: true}]}}`, file.Name()))
	eventually(t, b.prints("one line\n", "logs", "subject"))

	cmd := b.kubectl(t.Context(), "logs", "--follow", "--timestamps", "subject")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for lines := bufio.NewScanner(out); len(got) < 2 && lines.Scan(); {
		got = append(got, lines.Text())
		if len(got) == 1 { // only what is written after the first line was read proves that it follows
			write("2026-03-14T15:09:27.000000001Z stderr F another\n")
		}
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	want := []string{"2026-03-14T15:09:26.000000001Z one line", "2026-03-14T15:09:27.000000001Z another"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// portForward reaches a server of this machine through the pod.
func portForward(t *testing.T, b *box, admin *api.Client) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "through the pod") }))
	defer server.Close()
	target, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	apply(t, admin, "/apis/kwok.x-k8s.io/v1alpha1/clusterportforwards", fmt.Sprintf(
		`{apiVersion: kwok.x-k8s.io/v1alpha1, kind: ClusterPortForward, metadata: {name: all},
		  spec: {forwards: [{ports: [9090], target: {address: %s, port: %s}}]}}`, target.Hostname(), target.Port()))
	cmd := b.kubectl(t.Context(), "port-forward", "--address=127.0.0.1", "subject", ":9090")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address, _, found := strings.Cut(strings.TrimPrefix(line, "Forwarding from "), " -> ")
	if !found {
		t.Fatalf("kubectl port-forward printed %q", line)
	}
	response, err := http.Get("http://" + address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if got, err := io.ReadAll(response.Body); err != nil || string(got) != "through the pod" {
		t.Errorf("expected the server's answer, found %q: %v", got, err)
	}
}
