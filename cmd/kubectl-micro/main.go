// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Command kubectl-micro is the suite: one file that serves as every plugin and
// as their completion, depending on the name it is called by.
package main

import (
	"context"
	"os"

	_ "k8s.io/client-go/plugin/pkg/client/auth" // credentials of cloud providers

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/plugins"
)

// version is the release, set by -ldflags "-X main.version=v0.1.0".
var version string

func main() {
	ctx, stop := cli.Signals(context.Background())
	f := cli.NewFactory(cli.System(), cli.ReadBuild(version))
	code := cli.Main(ctx, f, plugins.All(), os.Args)
	stop()
	os.Exit(code)
}
