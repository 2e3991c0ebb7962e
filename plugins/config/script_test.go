// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"context"
	"os"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/clitest"
	"github.com/kubectl-micro/kubectl-micro/plugins/config"
	"github.com/kubectl-micro/kubectl-micro/plugins/diagnose"
)

func TestMain(m *testing.M) { clitest.Main(m, program) }

func program() {
	f := cli.NewFactory(cli.System(), cli.ReadBuild("v0.0.0"))
	os.Exit(cli.Main(context.Background(), f, []cli.Plugin{config.NewCommand, diagnose.NewCommand}, os.Args))
}

func TestScripts(t *testing.T) { clitest.Scripts(t, "testdata/script", nil) }
