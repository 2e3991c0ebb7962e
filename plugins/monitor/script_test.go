// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor_test

import (
	"context"
	"os"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/clitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/prom/promtest"
	"github.com/kubectl-micro/kubectl-micro/plugins/monitor"
)

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		program()
	}
	clitest.Main(m, program)
}

// program is the suite with this plugin alone.
func program() {
	f := cli.NewFactory(cli.System(), cli.ReadBuild("v0.0.0"))
	ctx, stop := cli.Signals(context.Background())
	defer stop()
	os.Exit(cli.Main(ctx, f, []cli.Plugin{monitor.NewCommand}, os.Args))
}

// TestScripts runs testdata/script with the commands of clusters and examples.
func TestScripts(t *testing.T) {
	commands := clitest.Clusters(t)
	commands["examples"] = clitest.Examples("../..")
	commands["prometheus"] = promtest.Command
	clitest.Scripts(t, "testdata/script", commands)
}
