// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package monitor is `kubectl micro monitor`: the golden signals of services, what
// they use, write and went through, gates for pipelines, and what has to exist so
// that they are seen. This package only reads flags, asks the packages that know,
// and prints what they answer: one verb is one file.
package monitor

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
)

// NewCommand returns the monitor command with its verbs.
func NewCommand(f *cli.Factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "monitor",
		GroupID: cli.GroupPlugins,
		Short:   "See requests, failures, latency, usage, logs and events of services in one row each",
	}
	withStatus(f, cmd)
	cmd.AddCommand(newStatus(f), newStat(f), newEdges(f), newCheck(f), newCompare(f), newTop(f), newLogs(f), newEvents(f), newGenerate(f), newDoctor(f), newQuery(f))
	return cmd
}
