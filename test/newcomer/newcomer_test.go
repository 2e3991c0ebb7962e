// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package newcomer follows README.md from an empty home, as somebody would who has
// Go, git and kubectl and has never heard of the suite: clone, install, type what
// is shown, see what is shown. It says how long the first result took.
//
// What is cloned is the commit that is checked out, with the changes of the work
// tree committed on top in a repository of the test's own: what `git add -A` and a
// commit would publish. Where nothing was changed, as in continuous integration,
// that is the commit itself. The user's repository is only read.
//
//	make test-newcomer  what was downloaded and compiled before is used again
//	make newcomer-cold  nothing is: modules are downloaded, everything is compiled
package newcomer_test

import (
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/test/console"
)

var cold = flag.Bool("cold", false, "begin without downloaded modules and compiled packages")

// documents are read one after another; those that are not there are not.
var documents = []string{"README.md", "docs/quickstart.md"}

// TestNewcomer fails where a step cannot be done or shows something else, and logs
// the time from the clone to the first result, which is the first block of a
// document that needs no cluster.
func TestNewcomer(t *testing.T) {
	origin := publish(t)
	home := t.TempDir()
	start := time.Now()
	must(t, exec.CommandContext(t.Context(), "git", "clone", "--quiet", origin, filepath.Join(home, "kubectl-micro")))
	n := newcomer{Shell: console.NewShell(t, filepath.Join(home, "kubectl-micro"), environment(t, home)...)}
	for i, name := range documents {
		if i > 0 {
			n.tidy(t)
		}
		text, err := os.ReadFile(filepath.Join(home, "kubectl-micro", name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		blocks, err := console.Parse(string(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, b := range blocks {
			faults := n.follow(t, b)
			for _, fault := range faults {
				t.Errorf("%s: %v", name, fault)
			}
			if b.Place == console.OffCluster && n.first == 0 && len(faults) == 0 {
				n.first = time.Since(start)
			}
		}
	}
	if !n.installed || n.first == 0 {
		t.Fatalf("expected `$ make install` and a result without a cluster in %v, found installed: %t, result after: %v", documents, n.installed, n.first)
	}
	t.Logf("from clone to first result: %.1f s (cold: %t)", n.first.Seconds(), *cold)
}

// newcomer is a reader with a shell in the clone.
type newcomer struct {
	*console.Shell
	installed bool
	// first is the time until the first result; 0 before it.
	first time.Duration
}

// export is a line that an installation shows to be typed.
var export = regexp.MustCompile(`(?m)^ *(export PATH=.*)$`)

// follow does what a block shows, as far as it is for somebody without a cluster:
// of the set-up blocks, the one that installs.
func (n *newcomer) follow(t *testing.T, b console.Block) (faults []error) {
	t.Helper()
	for _, s := range b.Steps {
		switch {
		case b.Place == console.OffCluster && !b.Prometheus && !b.Screen:
			if err := s.Try(n.Shell); err != nil {
				faults = append(faults, err)
			}
		case b.Place == console.SetUp && strings.HasPrefix(s.Command, "make install"):
			out, code, err := n.Run(s.Command)
			if err != nil || code != 0 {
				t.Fatalf("%s: exit code %d (%v)\n%s", s.Command, code, err, out)
			}
			for _, line := range export.FindAllStringSubmatch(out, -1) {
				if out, code, err := n.Run(line[1]); err != nil || code != 0 {
					t.Fatalf("%s: exit code %d (%v)\n%s", line[1], code, err, out)
				}
			}
			n.installed = true
		}
	}
	return faults
}

// tidy takes back what the commands of a document did to the examples: the next
// document begins with what was cloned.
func (n *newcomer) tidy(t *testing.T) {
	t.Helper()
	if out, code, err := n.Run("git checkout --quiet . && git clean --quiet --force -d examples"); err != nil || code != 0 {
		t.Fatalf("exit code %d (%v)\n%s", code, err, out)
	}
}

// publish makes the repository that is cloned.
func publish(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	git := func(args ...string) []byte {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = root
		return must(t, cmd)
	}
	git("clone", "--quiet", "--bare", root, dir)
	changes := git("status", "--porcelain")
	if len(changes) == 0 {
		return dir
	}
	t.Logf("with %d changes that are not committed", strings.Count(string(changes), "\n"))
	// The index of the bare repository takes the files of the user's work tree.
	here := []string{"--git-dir", dir, "--work-tree", root, "-c", "user.name=newcomer", "-c", "user.email=newcomer@example.com", "-c", "core.bare=false"}
	git(append(slices.Clone(here), "add", "--all")...)
	git(append(slices.Clone(here), "commit", "--quiet", "--no-verify", "--message", "Work tree")...)
	return dir
}

// tools are the programs on the newcomer's PATH: the three that README.md asks for,
// and what every system has beside them.
var tools = slices.Concat([]string{"go", "git", "kubectl", "make", "bash"}, coreutils, []string{"awk", "grep", "sed"})

var coreutils = strings.Fields(`basename cat chmod cp cut date dirname echo env false head install ln ls mkdir mktemp
	mv printf pwd readlink realpath rm rmdir sleep sort tail tee test touch tr true uname uniq wc`)

// environment is that of a first login: a home, a PATH that has the tools, and what
// a network needs to be reached.
func environment(t *testing.T, home string) []string {
	t.Helper()
	bin := t.TempDir()
	for _, name := range tools {
		file, err := exec.LookPath(name)
		if err != nil {
			t.Fatalf("%v: this test needs what README.md asks for, and the usual programs", err)
		}
		if file, err = filepath.Abs(file); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(file, filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	env := []string{"HOME=" + home, "PATH=" + bin}
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	names := []string{"GOPROXY", "GONOSUMDB", "GOSUMDB", "GOPRIVATE"}
	if *cold {
		// So that the test may remove what was downloaded.
		env = append(env, "GOFLAGS=-modcacherw")
	} else {
		names = append(names, "GOMODCACHE", "GOCACHE")
	}
	var values map[string]string
	if err := json.Unmarshal(must(t, exec.CommandContext(t.Context(), "go", append([]string{"env", "-json"}, names...)...)), &values); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		env = append(env, name+"="+values[name])
	}
	return env
}

// must runs a program that has to succeed and returns what it printed.
func must(t *testing.T, cmd *exec.Cmd) []byte {
	t.Helper()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", strings.Join(cmd.Args, " "), err, out, stderr.String())
	}
	return out
}
