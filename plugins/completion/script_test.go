// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package completion_test

import (
	"context"
	"os"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/clitest"
	"github.com/kubectl-micro/kubectl-micro/plugins/completion"
	"github.com/kubectl-micro/kubectl-micro/plugins/version"
)

func TestMain(m *testing.M) { clitest.Main(m, program) }

func program() {
	f := cli.NewFactory(cli.System(), cli.ReadBuild("v0.0.0"))
	os.Exit(cli.Main(context.Background(), f, []cli.Plugin{version.NewCommand, completion.NewCommand}, os.Args))
}

func TestScripts(t *testing.T) { clitest.Scripts(t, "testdata/script", nil) }
