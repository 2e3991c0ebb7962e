// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/clitest"
)

// Read by clitest.Update.
var _ = flag.Bool("update", false, "rewrite the expected output in scripts")

// root is the directory of the repository.
var root, _ = filepath.Abs("../..")

// The programs under test and the one that tests them.
var (
	micro   = cmp.Or(os.Getenv("KUBECTL_MICRO_BIN"), filepath.Join(root, "bin", "kubectl-micro"))
	sandbox = cmp.Or(os.Getenv("SANDBOX_BIN"), filepath.Join(root, "bin", "sandbox"))
)

// bin is a directory with links to the programs, first on the PATH.
var bin string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "kubectl-micro-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := prepare(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer theBox.down()
	return m.Run()
}

// prepare checks that all programs are there and puts them first on the PATH.
func prepare(dir string) error {
	if _, err := exec.LookPath("kubectl"); err != nil {
		return fmt.Errorf("%w: these tests need kubectl, see https://kubernetes.io/docs/tasks/tools", err)
	}
	for _, need := range []struct{ file, target string }{{micro, "build"}, {sandbox, "sandbox"}} {
		if _, err := os.Stat(need.file); err != nil {
			return fmt.Errorf("%w: run `make %s` first", err, need.target)
		}
	}
	theBox.dir, theBox.kept = os.Getenv("SANDBOX_DIR"), os.Getenv("SANDBOX_DIR") != ""
	if !theBox.kept {
		theBox.dir = filepath.Join(dir, "sandbox")
	}
	bin = filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		return err
	}
	for name, file := range map[string]string{"kubectl-micro": micro, "kubectl_complete-micro": micro, "sandbox": sandbox} {
		if err := os.Symlink(file, filepath.Join(bin, name)); err != nil {
			return err
		}
	}
	// A script spends most of its time waiting for the API server.
	if err := flag.Set("test.parallel", "6"); err != nil {
		return err
	}
	path, err := clitest.Path(bin)
	if err != nil {
		return err
	}
	return os.Setenv("PATH", path)
}
