// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// release is what every test starts from: Krew, and a release of this commit for
// this machine that is downloaded from a server of the test's own.
type release struct {
	// root is the repository's directory, dist the release's, bin Krew's programs'.
	root, dist, bin string
	// requests are the paths that were downloaded.
	requests []string
}

const version = "v0.0.0-e2e"

func newRelease(t *testing.T) *release {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	r := &release{root: root, dist: filepath.Join(t.TempDir(), "dist"), bin: t.TempDir()}
	files := http.StripPrefix("/"+version, http.FileServer(http.Dir(r.dist)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.requests = append(r.requests, q.URL.Path)
		files.ServeHTTP(w, q)
	}))
	t.Cleanup(server.Close)

	run(t, ".", nil, "go", "build", "-o", r.bin+"/", "sigs.k8s.io/krew/cmd/krew", "sigs.k8s.io/krew/cmd/validate-krew-manifest")
	if err := os.Symlink("krew", filepath.Join(r.bin, "kubectl-krew")); err != nil {
		t.Fatal(err)
	}
	compiler := "go" + strings.TrimSpace(run(t, root, nil, "go", "list", "-m", "-f", "{{.GoVersion}}"))
	run(t, root, append(os.Environ(), "GOTOOLCHAIN="+compiler), "go", "run", "./krew/release", "-version", version, "-time", "1700000000", "-url", server.URL,
		"-platforms", runtime.GOOS+"/"+runtime.GOARCH, "-output", r.dist)
	return r
}

// home is the environment of somebody who has kubectl and Krew and nothing else.
func (r *release) home(t *testing.T) []string {
	t.Helper()
	kubectl, err := exec.LookPath("kubectl")
	if err != nil {
		t.Fatalf("%v: this test needs kubectl, see https://kubernetes.io/docs/tasks/tools", err)
	}
	tools := t.TempDir()
	if err := os.Symlink(kubectl, filepath.Join(tools, "kubectl")); err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	root := filepath.Join(home, ".krew")
	return []string{
		"HOME=" + home, "KREW_ROOT=" + root, "KREW_NO_UPGRADE_CHECK=1", "KUBECONFIG=" + filepath.Join(home, "none"),
		"PATH=" + strings.Join([]string{filepath.Join(root, "bin"), r.bin, tools, "/usr/bin", "/bin"}, string(os.PathListSeparator)),
	}
}

// run runs a program that must succeed and returns what it printed.
func run(t *testing.T, dir string, env []string, name string, args ...string) (stdout string) {
	t.Helper()
	out, stderr, err := try(t, dir, env, name, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, stderr)
	}
	return out
}

func try(t *testing.T, dir string, env []string, name string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	for _, e := range env {
		if path, ok := strings.CutPrefix(e, "PATH="); ok {
			name = find(path, name)
		}
	}
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = dir, env
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err = cmd.Run()
	return out.String(), errOut.String(), err
}

// find looks a program up in a PATH that is not this process's.
func find(path, name string) string {
	for _, dir := range filepath.SplitList(path) {
		if file := filepath.Join(dir, name); !strings.ContainsRune(name, os.PathSeparator) {
			if info, err := os.Stat(file); err == nil && info.Mode()&0o111 != 0 {
				return file
			}
		}
	}
	return name
}

var sum = regexp.MustCompile(`\b[0-9a-f]{64}\b`)

// TestIndexWouldTakeIt runs what krew-index runs on a manifest: its structure, one
// platform for each system, and an installation that brings the licence.
func TestIndexWouldTakeIt(t *testing.T) {
	r := newRelease(t)
	run(t, r.root, r.home(t), "validate-krew-manifest", "-manifest", filepath.Join(r.dist, "micro.yaml"))
	if len(r.requests) != 1 {
		t.Errorf("expected the archive to be downloaded once, found %v", r.requests)
	}

	// What it says no to, so that its yes means something.
	manifest, err := os.ReadFile(filepath.Join(r.dist, "micro.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, wrong := range map[string]string{
		"checksum": sum.ReplaceAllString(string(manifest), strings.Repeat("5a", 32)),
		"version":  strings.Replace(string(manifest), version, "latest", 1),
		"program":  strings.Replace(string(manifest), "bin: kubectl-micro", "bin: micro", 1),
	} {
		file := filepath.Join(t.TempDir(), "micro.yaml")
		if err := os.WriteFile(file, []byte(wrong), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := try(t, r.root, r.home(t), "validate-krew-manifest", "-manifest", file); err == nil {
			t.Errorf("a manifest with a wrong %s passes", name)
		}
	}
}

// index makes a Git repository that is what this one is to Krew: the manifest of
// the last release among the folders of the plugins' code.
func (r *release) index(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "plugins"), os.DirFS(filepath.Join(r.root, "plugins"))); err != nil {
		t.Fatal(err)
	}
	run(t, dir, nil, "git", "init", "-q")
	commit(t, dir)
	return dir
}

// publish puts the manifest of the release into an index.
func (r *release) publish(t *testing.T, index string) {
	t.Helper()
	manifest, err := os.ReadFile(filepath.Join(r.dist, "micro.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(index, "plugins", "micro.yaml"), manifest, 0o600); err != nil {
		t.Fatal(err)
	}
	commit(t, index)
}

func commit(t *testing.T, dir string) {
	t.Helper()
	run(t, dir, nil, "git", "add", ".")
	run(t, dir, nil, "git", "-c", "user.name=e2e", "-c", "user.email=e2e@example.com", "commit", "-qm", "Release")
}

// TestInstall follows a developer of the manifest: Krew gets it and the archive as files.
func TestInstall(t *testing.T) {
	r := newRelease(t)
	env := r.home(t)
	archives, err := filepath.Glob(filepath.Join(r.dist, "*.tar.gz"))
	if err != nil || len(archives) != 1 {
		t.Fatalf("expected one archive, found %v (%v)", archives, err)
	}
	run(t, r.root, env, "kubectl", "krew", "install", "--manifest", filepath.Join(r.dist, "micro.yaml"), "--archive", archives[0])
	r.use(t, env)
	if len(r.requests) > 0 {
		t.Errorf("nothing was to be downloaded, found %v", r.requests)
	}
}

// TestIndex follows a user: this repository as an index, with the manifest that is
// committed and after a release; install, use, uninstall.
func TestIndex(t *testing.T) {
	r := newRelease(t)
	index := r.index(t)
	// In place of the index of all plugins, which is not there without a network.
	env := append(r.home(t), "KREW_DEFAULT_INDEX_URI=file://"+index)
	run(t, r.root, env, "kubectl", "krew", "index", "add", "micro", "file://"+index)
	if got := run(t, r.root, env, "kubectl", "krew", "info", "micro/micro"); !strings.Contains(got, "INDEX: micro") || strings.Contains(got, version) {
		t.Errorf("krew info: expected the last release, found %q", got)
	}
	r.publish(t, index)
	run(t, r.root, env, "kubectl", "krew", "update")
	run(t, r.root, env, "kubectl", "krew", "install", "micro/micro")
	if got := run(t, r.root, env, "kubectl", "krew", "list"); !strings.Contains(got, "micro/micro") {
		t.Errorf("krew list: expected micro/micro, found %q", got)
	}
	r.use(t, env)
	run(t, r.root, env, "kubectl", "krew", "uninstall", "micro")
	if out, _, err := try(t, r.root, env, "kubectl", "micro", "version", "--client"); err == nil {
		t.Errorf("uninstalled, it still answers %q", out)
	}
}

// use runs what was installed through kubectl.
func (r *release) use(t *testing.T, env []string) {
	t.Helper()
	if got := run(t, r.root, env, "kubectl", "micro", "version", "--client"); !strings.Contains(got, version) {
		t.Errorf("version: expected %s, found %q", version, got)
	}
	route := run(t, r.root, env, "kubectl", "micro", "canary", "user-service", "--weight", "10", "-f", "examples/shop-by-hand/mesh.yaml")
	if !strings.Contains(route, "weight: 10") || !strings.Contains(route, "weight: 90") {
		t.Errorf("canary: expected 90 and 10, found\n%s", route)
	}

	// Krew links one file; the one that kubectl asks on TAB comes by this command.
	if got := run(t, r.root, env, "kubectl", "__complete", "micro", "diag"); strings.Contains(got, "diagnose") {
		t.Errorf("TAB works before it was installed: %q", got)
	}
	run(t, r.root, env, "kubectl", "micro", "completion", "install")
	if got := run(t, r.root, env, "kubectl", "__complete", "micro", "diag"); !strings.Contains(got, "diagnose") {
		t.Errorf("TAB: expected diagnose, found %q", got)
	}
}
