// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold_test

import (
	"context"
	"os"
	"testing"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/checkup"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/clitest"
	"github.com/kubectl-micro/kubectl-micro/plugins/scaffold"
)

func TestMain(m *testing.M) { clitest.Main(m, program) }

// program is the suite with this plugin and the rules, which judge its output.
func program() {
	f := cli.NewFactory(cli.System(), cli.ReadBuild("v0.0.0"))
	os.Exit(cli.Main(context.Background(), f, []cli.Plugin{scaffold.NewCommand, judge}, os.Args))
}

// judge is "diagnose": what it runs is a package, and plugins do not import each
// other.
func judge(f *cli.Factory) *cobra.Command {
	flags := checkup.NewFlags(checkup.Defaults{FailOn: "info"})
	cmd := &cobra.Command{
		Use: "diagnose", GroupID: cli.GroupPlugins, Args: checkup.OneTarget,
		RunE: func(cmd *cobra.Command, args []string) error { return flags.Run(f, cmd, args) },
	}
	flags.AddFlags(cmd)
	return cmd
}

// TestScripts runs testdata/script with the command of examples.
func TestScripts(t *testing.T) {
	clitest.Scripts(t, "testdata/script", map[string]clitest.Command{"examples": clitest.Examples("../..")})
}
