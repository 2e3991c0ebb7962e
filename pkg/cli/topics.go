// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

const exitCodes = `
	Every command, whatever its output format, exits with

	  0    done, clean, allowed, unchanged
	  1    the answer is no: findings at --fail-on or above, a difference, denied, gate failed
	  2    usage: a bad flag, an unknown or ambiguous target
	  3    could not do it: API, I/O, forbidden, data source unreachable
	  4    undecided: paused, inconclusive, unknown verdict, no data
	  5    conflict: another writer, a lock, a merge conflict
	  6    refused by a preflight check or an invariant; nothing was written
	  124  the time given by --timeout ran out
	  130  interrupted (SIGINT)
	  141  the reader of the output went away (SIGPIPE)
	  143  terminated (SIGTERM)`

const environment = `
	KUBECONFIG                Files with the connections to clusters, as for kubectl
	KUBECACHEDIR              Directory of the discovery cache, shared with kubectl
	KUBECTL_EXTERNAL_DIFF     Program that shows differences for --diff, as for kubectl diff
	KUBECTL_COMMAND_HEADERS   Set to false to leave the command's name out of API requests
	NO_COLOR                  Set to anything for output without colour; --color outranks it`

// newTopic returns a help topic, a command that does nothing but have a help.
func newTopic(name, short, long string) *cobra.Command {
	return &cobra.Command{Use: name, Short: short, Long: Doc(long)}
}

// newOptions returns the command that lists the global flags, as in kubectl.
func newOptions() *cobra.Command {
	return &cobra.Command{
		Use:   "options",
		Short: "List the flags that every command takes",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "The following options can be passed to any command:\n\n%s", flagUsages(cmd.InheritedFlags()))
			return err
		},
	}
}
