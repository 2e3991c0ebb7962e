// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package clitest_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubectl-micro/kubectl-micro/pkg/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m, program) }

// program prints its name and arguments; the first argument "connect" makes it
// call the API server, a number makes it exit with that code.
func program() {
	fmt.Println(filepath.Base(os.Args[0]), os.Args[1:])
	if len(os.Args) < 2 {
		os.Exit(0)
	}
	var code int
	if _, err := fmt.Sscan(os.Args[1], &code); err == nil {
		os.Exit(code)
	}
	if os.Args[1] == "connect" {
		if err := connect(os.Getenv("KUBECONFIG")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
	}
	os.Exit(0)
}

// connect opens a connection to a kubeconfig's server.
func connect(kubeconfig string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	conn, err := net.Dial("tcp", strings.TrimPrefix(config.Host, "http://"))
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Read(make([]byte, 1)); err == nil { // it hangs up, and has counted by then
		return errors.New("the trap answers")
	}
	return nil
}

func TestScripts(t *testing.T) { clitest.Scripts(t, "testdata/good", nil) }

// Each of these scripts must fail, and for the reason its comment gives.
func TestScriptsFail(t *testing.T) {
	for name, tc := range map[string]struct{ script, want string }{
		"another code":   {"exits 2 kubectl-micro 3", "kubectl-micro 3 exited with code 3, want 2"},
		"not a program":  {"exits 2 no-such-program", "executable file not found"},
		"usage of exits": {"exits 2", "usage: exits"},
		"usage of mask":  {"mask stdout", "usage: mask"},
		"a connection":   {"offline\nexec kubectl-micro connect", "1 connections to the API server were made"},
		"no exec":        {"kubectl-micro", "use 'exec kubectl-micro'"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "bad.txtar"), []byte(tc.script+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			params, err := clitest.Params(dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			got := &verdict{}
			done := make(chan struct{})
			go func() { // FailNow ends the goroutine
				defer close(done)
				testscript.RunT(got, params)
			}()
			<-done
			if !got.failed || !strings.Contains(got.log.String(), tc.want) {
				t.Errorf("failed: %t, log:\n%s\nwant %q", got.failed, &got.log, tc.want)
			}
		})
	}
	if _, err := clitest.Params(t.TempDir(), nil); err == nil {
		t.Error("a directory without scripts passes")
	}
	goleak.VerifyNone(t)
}

func TestExtraCommands(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x.txtar"), []byte("own a b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var seen []string
	clitest.Scripts(t, dir, map[string]clitest.Command{"own": func(_ *testscript.TestScript, _ bool, args []string) { seen = args }})
	t.Cleanup(func() { // scripts are parallel: they end after this function
		if diff := cmp.Diff([]string{"a", "b"}, seen); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOffline(t *testing.T) {
	for name, calls := range map[string]int{"quiet": 0, "loud": 2} {
		t.Run(name, func(t *testing.T) {
			spy := &spy{TB: t}
			path := clitest.Offline(spy)
			for range calls {
				if err := connect(path); err != nil {
					t.Fatal(err)
				}
			}
			spy.cleanup()
			want := ""
			if calls > 0 {
				want = "this works offline, yet 2 connections to the API server were made"
			}
			if spy.said != want {
				t.Errorf("said %q, want %q", spy.said, want)
			}
		})
	}
	goleak.VerifyNone(t)
}

func TestMask(t *testing.T) {
	got := clitest.Mask("at 2026-11-22T10:00:00Z and 2026-11-22T10:00:00.123+01:00, 5m30s ago, 12d, 1.5s; "+
		"id 3f0c8c7e-8a52-4d57-9d1f-0a3a5d0c1e2f at 127.0.0.1:34567 in /tmp/x/work; replicas 10, v1.2.3, 10%", "WORK", "/tmp/x/work")
	want := "at TIME and TIME, AGE ago, AGE, AGE; id UUID at 127.0.0.1:PORT in WORK; replicas 10, v1.2.3, 10%"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// spy is a test that keeps its errors to itself.
type spy struct {
	testing.TB
	cleanup func()
	said    string
}

func (s *spy) Cleanup(f func())  { s.cleanup = f }
func (s *spy) Error(args ...any) { s.said = fmt.Sprint(args...) }

// verdict is a testscript.T that remembers how the script ended.
type verdict struct {
	log    strings.Builder
	failed bool
}

func (v *verdict) Skip(args ...any)                       { v.Log(args...) }
func (v *verdict) Fatal(args ...any)                      { v.Log(args...); v.FailNow() }
func (v *verdict) Parallel()                              {}
func (v *verdict) Log(args ...any)                        { fmt.Fprintln(&v.log, args...) }
func (v *verdict) FailNow()                               { v.failed = true; panic(v) }
func (v *verdict) Run(_ string, run func(t testscript.T)) { defer v.catch(); run(v) }
func (v *verdict) Verbose() bool                          { return false }

// catch stops the panic by which FailNow leaves the script.
func (v *verdict) catch() {
	if r := recover(); r != nil && r != v {
		panic(r)
	}
}

// Another installation of the suite goes; the kubectl beside it stays.
func TestPath(t *testing.T) {
	other, clean, bin := t.TempDir(), t.TempDir(), t.TempDir()
	for _, name := range []string{"kubectl", "kubectl-micro_canary"} {
		if err := os.WriteFile(filepath.Join(other, name), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", other+string(os.PathListSeparator)+clean)
	got, err := clitest.Path(bin)
	if want := bin + string(os.PathListSeparator) + clean; err != nil || got != want {
		t.Errorf("found %q, %v, want %q", got, err, want)
	}
	if to, err := os.Readlink(filepath.Join(bin, "kubectl")); err != nil || to != filepath.Join(other, "kubectl") {
		t.Errorf("kubectl leads to %q, %v", to, err)
	}
}
