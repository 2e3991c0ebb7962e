// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/clitest"
	"github.com/kubectl-micro/kubectl-micro/plugins/diagnose"
)

func TestMain(m *testing.M) { clitest.Main(m, program) }

// program is the suite with this plugin alone.
func program() {
	f := cli.NewFactory(cli.System(), cli.ReadBuild("v0.0.0"))
	os.Exit(cli.Main(context.Background(), f, []cli.Plugin{diagnose.NewCommand}, os.Args))
}

// TestScripts runs testdata/script with the commands of clusters and one more:
//
//	examples   copy the repository's examples/ here
func TestScripts(t *testing.T) {
	c := clusters{t: t, servers: map[*testscript.TestScript]*server{}}
	commands := c.commands()
	commands["examples"] = examples
	clitest.Scripts(t, "testdata/script", commands)
}

func examples(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: examples")
	}
	ts.Check(os.CopyFS(ts.MkAbs("examples"), os.DirFS(filepath.Join("..", "..", "examples"))))
}
