// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package plugins is the only list of the suite's plugins.
package plugins

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/plugins/canary"
	"github.com/kubectl-micro/kubectl-micro/plugins/completion"
	"github.com/kubectl-micro/kubectl-micro/plugins/config"
	"github.com/kubectl-micro/kubectl-micro/plugins/diagnose"
	"github.com/kubectl-micro/kubectl-micro/plugins/monitor"
	"github.com/kubectl-micro/kubectl-micro/plugins/scaffold"
	"github.com/kubectl-micro/kubectl-micro/plugins/secure"
	"github.com/kubectl-micro/kubectl-micro/plugins/version"
)

// All returns the plugins in the order of the help.
func All() []cli.Plugin {
	return []cli.Plugin{
		scaffold.NewCommand, canary.NewCommand, diagnose.NewCommand, secure.NewCommand, monitor.NewCommand,
		version.NewCommand, config.NewCommand, completion.NewCommand,
	}
}
