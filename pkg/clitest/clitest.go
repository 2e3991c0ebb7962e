// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package clitest runs the commands of the suite as they are run by a user:
// scripts (txtar, see github.com/rogpeppe/go-internal/testscript) that call the
// program by its names, with a clean home directory, no cluster, and the
// program's own main function behind the names.
package clitest

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// names are the names scripts can call the program by; see cli.Dispatch.
var names = [...]string{
	"kubectl-micro", "kubectl-micro_canary", "kubectl-micro_diagnose", "kubectl-micro_monitor",
	"kubectl-micro_scaffold", "kubectl-micro_secure", "kubectl_complete-micro", "kubectl_complete-micro_canary",
}

const updateFlag = "update"

// Main is the body of a TestMain; m is the *testing.M. The test binary becomes
// the program whenever a script, or os/exec, calls it by one of its names: run
// is the program's main function, which reads os.Args and ends the process. It
// also adds the flag -update, unless the test package has one already.
func Main(m testscript.TestingM, run func()) {
	if flag.Lookup(updateFlag) == nil {
		flag.Bool(updateFlag, false, "rewrite the expected output in scripts and golden files")
	}
	commands := map[string]func(){}
	for _, name := range names {
		commands[name] = run
	}
	testscript.Main(m, commands)
}

// Update reports whether the test runs with -update.
func Update() bool {
	f := flag.Lookup(updateFlag)
	return f != nil && f.Value.String() == "true"
}

// Command is a command of a package's own for its scripts.
type Command = func(ts *testscript.TestScript, neg bool, args []string)

// Scripts runs every script of dir (*.txtar), each as a subtest of its own, in
// parallel. With -update the files that cmp compares with are rewritten.
//
// A script starts in an empty directory $WORK with HOME and the discovery cache
// inside it and KUBECONFIG naming a file that does not exist. On top of
// testscript's commands it has
//
//	exits CODE COMMAND ARG...   run a command that must exit with exactly this code; stdout and stderr as after exec
//	offline                     point KUBECONFIG to a server that fails the script when anything connects to it
//	mask SRC DST [REGEXP TEXT]  copy SRC, a file, stdout or stderr, with times, ages and identifiers replaced by names
//
// and those of extra.
func Scripts(t *testing.T, dir string, extra map[string]Command) {
	t.Helper()
	params, err := Params(dir, extra)
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, params)
}

// Params returns what [Scripts] runs, for a test that has to change it.
func Params(dir string, extra map[string]Command) (testscript.Params, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("no scripts (*.txtar) in %s", dir)
	}
	commands := map[string]Command{"exits": exits, "offline": offline, "mask": mask}
	maps.Copy(commands, extra)
	return testscript.Params{
		Files:               files,
		UpdateScripts:       Update(),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                commands,
		Setup:               setup,
	}, err
}

// testKey finds a script's test among its values.
type testKey struct{}

func setup(env *testscript.Env) error {
	env.Values[testKey{}] = env.T()
	home := filepath.Join(env.WorkDir, ".home")
	env.Setenv("HOME", home)
	env.Setenv("KUBECONFIG", filepath.Join(env.WorkDir, "nonexistent"))
	env.Setenv("KUBECACHEDIR", filepath.Join(home, "cache"))
	return os.Mkdir(home, 0o755)
}

// exits is the script command of that name.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%s exited with code %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// offline is the script command of that name.
func offline(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: offline")
	}
	server, err := listen()
	ts.Check(err)
	kubeconfig := ts.MkAbs(filepath.Join(".home", "offline.yaml"))
	ts.Check(os.WriteFile(kubeconfig, server.kubeconfig(), 0o600))
	ts.Setenv("KUBECONFIG", kubeconfig)
	t := ts.Value(testKey{}).(testscript.T) // Fatalf of ts works in a command only, not after the last one
	ts.Defer(func() {
		if n := server.close(); n > 0 {
			t.Fatal(tooOnline(n))
		}
	})
}

// The parts of output that no two runs share, the more special first.
var varying = []struct {
	pattern *regexp.Regexp
	name    string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)`), "TIME"},
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "UUID"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:PORT"},
	{regexp.MustCompile(`\b\d+(\.\d+)?(ns|µs|ms|s|m|h|d)(\d+(\.\d+)?(ms|s|m|h))*\b`), "AGE"},
}

// mask is the script command of that name. A further pattern replaces first.
func mask(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 && len(args) != 4 {
		ts.Fatalf("usage: mask SRC DST [REGEXP TEXT]")
	}
	text := ts.ReadFile(args[0])
	if len(args) == 4 {
		pattern, err := regexp.Compile(args[2])
		ts.Check(err)
		text = pattern.ReplaceAllString(text, args[3])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(Mask(text, "WORK", ts.Getenv("WORK"))), 0o644))
}

// Mask replaces times, ages, identifiers and local ports in text by names, and
// with them further pairs of name and literal.
func Mask(text string, pairs ...string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			text = strings.ReplaceAll(text, pairs[i+1], pairs[i])
		}
	}
	for _, v := range varying {
		text = v.pattern.ReplaceAllString(text, v.name)
	}
	return text
}
