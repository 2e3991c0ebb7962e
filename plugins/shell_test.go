// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package plugins_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/clitest"
	"github.com/kubectl-micro/kubectl-micro/test/terminal"
)

// prompt is what a shell shows when it waits.
const prompt = "shop>"

// shells are those that TAB is pressed in, with what makes one ready.
var shells = map[string]struct{ run, ready string }{
	"bash": {"bash --norc --noprofile -i", "PS1='" + prompt + " '; source /usr/share/bash-completion/bash_completion; source <(kubectl completion bash)"},
	"zsh":  {"zsh -f -i", "PS1='" + prompt + " '; autoload -Uz compinit; compinit -u -D; source <(kubectl completion zsh)"},
	"fish": {"fish --no-config -i", "function fish_prompt; echo '" + prompt + " '; end; kubectl completion fish | source"},
}

// TestTab presses TAB in real shells, through the real kubectl, on a program that
// was installed as Krew does. The server of its kubeconfig fails the test when the
// program asks it anything.
func TestTab(t *testing.T) {
	for name, shell := range shells {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bin := krewed(t)
			s := open(t, shell.run, bin)
			s.Type(shell.ready+"; echo rea\"\"dy", "Enter")
			s.Shows("\nready")

			// Krew has installed the plugin, and nothing that kubectl asks on TAB.
			s.Type("kubectl micro completion install", "Enter")
			s.Shows("kubectl_complete-micro created")
			s.tab("kubectl micro can", prompt+" kubectl micro canary")
			s.tab("kubectl micro monitor gen", "kubectl micro monitor generate")
			s.tab("kubectl micro canary -f examples/shop-by-hand ", "examples/shop-by-hand user-service")
			s.tab("kubectl micro canary user-service -f examples/shop-by-hand --canary v2 --stable ", "--canary v2 --stable v1")
			s.tab("kubectl micro canary user-service -f examples/shop-by-hand --route ", "--route primary")
			s.tab("kubectl micro canary -f examples/shop-by-hand/user-s", "shop-by-hand/user-service.yaml")
			s.tab("kubectl micro diagnose -f examples/shop-by-hand svc/cat", "svc/catalog-service")
			s.tab("kubectl micro diagnose --only KM800", "KM8001", "KM8002")
			s.tab("kubectl micro canary status -o ", "table", "json", "yaml", "name")
			s.tab("kubectl micro diagnose --context off", "--context offline")
		})
	}
}

// krewed is a directory with the program alone, as Krew links it.
func krewed(t *testing.T) (bin string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	bin, store := filepath.Join(root, "bin"), filepath.Join(root, "store", "micro", "v0.0.0")
	for _, dir := range []string{bin, store} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	stored := filepath.Join(store, "kubectl-micro")
	for at, to := range map[string]string{stored: self, filepath.Join(bin, "kubectl-micro"): stored} {
		if err := os.Symlink(to, at); err != nil {
			t.Fatal(err)
		}
	}
	return bin
}

// unasked is a kubeconfig whose server fails the test if the program asks it
// anything. It answers kubectl, which in some builds asks for its version first.
func unasked(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.UserAgent(), "kubectl-micro") {
			t.Errorf("asked for %s: expected offers from files alone", r.URL)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"major": "1", "minor": "32", "gitVersion": "v1.32.0"}`)
	}))
	t.Cleanup(server.Close)
	return config(t, server.URL)
}

// config is a kubeconfig for a server, with a context "offline".
func config(t *testing.T, server string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "kubeconfig")
	text := `{apiVersion: v1, kind: Config, current-context: offline, contexts: [{name: offline, context: {cluster: c, user: u}}],
clusters: [{name: c, cluster: {server: "` + server + `"}}], users: [{name: u, user: {}}]}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// seat is a shell that somebody sits at.
type seat struct {
	*terminal.Terminal
	t *testing.T
	// twice says that only a second TAB lists what there is.
	twice bool
}

func open(t *testing.T, shell, bin string) seat {
	t.Helper()
	repository, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	path, err := clitest.Path(bin)
	if err != nil {
		t.Fatal(err)
	}
	program := append([]string{
		"env", "-i", "HOME=" + t.TempDir(), "TERM=screen", "HISTFILE=" + os.DevNull, "LC_ALL=C.UTF-8", "KUBECONFIG=" + unasked(t), "PATH=" + path,
	}, strings.Fields(shell)...)
	return seat{terminal.Open(t, terminal.Options{Columns: 140, Rows: 50, Dir: repository}, program...), t, strings.HasPrefix(shell, "bash")}
}

// tab types a line on an empty screen, presses TAB, reads what is shown, and takes
// the line away.
func (s seat) tab(line string, want ...string) {
	s.t.Helper()
	s.Type("clear; echo cle\"\"ared", "Enter")
	s.Until("an empty screen", func(screen string) bool {
		return strings.HasPrefix(screen, "cleared\n"+prompt) && strings.Count(screen, prompt) == 1
	})
	s.Type(line, "Tab")
	if len(want) > 1 && s.twice {
		s.Keys("Tab")
	}
	s.Shows(want...)
	s.Keys("C-u") // an interrupt would take what is typed next with it
}

// TestServerHangs completes with a server that takes connections and says nothing:
// after 2 seconds there is only the directive, and not a word for the terminal.
func TestServerHangs(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	kubeconfig := config(t, "http://"+listener.Addr().String())
	for _, line := range []string{"canary plan |", "canary x --canary |", "diagnose svc/|", "diagnose -n |", "monitor compare svc/x |", "monitor logs deploy/x -c |", "secure check deploy/|", "scaffold import cluster deploy/|"} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			args := strings.Split(strings.TrimSuffix(line, "|"), " ")
			cmd := exec.CommandContext(ctx, "kubectl_complete-micro", args...)
			cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig, "HOME="+t.TempDir())
			var out, errOut bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &errOut
			start := time.Now()
			if err := cmd.Run(); err != nil {
				t.Fatal(err)
			}
			// The program takes its time to start, on a machine with other work.
			if took := time.Since(start); took > 8*time.Second {
				t.Errorf("expected an answer after 2s, took %s", took)
			}
			if out.String() != ":4\n" || strings.Count(errOut.String(), "\n") != 1 || !strings.HasPrefix(errOut.String(), "Completion ended") {
				t.Errorf("expected the directive alone, found %q and %q", out.String(), errOut.String())
			}
		})
	}
}
