// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package secure_test

import (
	"context"
	"os"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/clitest"
	"github.com/kubectl-micro/kubectl-micro/plugins/diagnose"
	"github.com/kubectl-micro/kubectl-micro/plugins/secure"
)

func TestMain(m *testing.M) { clitest.Main(m, program) }

// program is the suite with this plugin, and the one that saves snapshots.
func program() {
	f := cli.NewFactory(cli.System(), cli.ReadBuild("v0.0.0"))
	os.Exit(cli.Main(context.Background(), f, []cli.Plugin{secure.NewCommand, diagnose.NewCommand}, os.Args))
}

// TestScripts runs testdata/script with the commands of clusters and examples.
func TestScripts(t *testing.T) {
	commands := clitest.Clusters(t)
	commands["examples"] = clitest.Examples("../..")
	clitest.Scripts(t, "testdata/script", commands)
}
