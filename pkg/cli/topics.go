// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/roles"
)

// newTopic returns a help topic, a command that does nothing but have a help.
func newTopic(name, short, long string) *cobra.Command {
	return &cobra.Command{Use: name, Short: short, Long: Doc(long)}
}

// newOptions returns the command that lists the global flags, as in kubectl.
func newOptions() *cobra.Command {
	return &cobra.Command{
		Use:   "options",
		Short: "List the flags that every command takes",
		Long: Doc(`
			List the flags that every command takes, with their defaults: which cluster, as
			whom, in which namespace, and how much is said.`),
		Example: "kubectl micro options",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "The following options can be passed to any command:\n\n%s", flagUsages(cmd.InheritedFlags()))
			return err
		},
	}
}

// newRights returns the topic "rbac", with one below it for each plugin: that is YAML
// and nothing else, for kubectl apply.
func newRights() *cobra.Command {
	var b strings.Builder
	b.WriteString(Doc(`
		The smallest rights of each plugin, as ClusterRoles that give nobody anything until
		they are bound:

		  kubectl micro help rbac canary | kubectl apply -f -
		  kubectl create clusterrolebinding canary-cluster --clusterrole=kubectl-micro-canary-cluster --group=developers
		  kubectl create rolebinding canary-read -n shop --clusterrole=kubectl-micro-canary-read --group=developers

		To ask Prometheus or the proxies of pods takes other rights, in other namespaces:
		"kubectl micro monitor generate rbac" writes the Roles for one Prometheus.`))
	b.WriteString("\n")
	topic := newTopic("rbac", "Rights that the commands need, as YAML: help rbac PLUGIN", "")
	for _, plugin := range roles.Plugins() {
		fmt.Fprintf(&b, "\nkubectl micro help rbac %s\n", plugin)
		for _, r := range roles.Of(plugin) {
			fmt.Fprintf(&b, "  %s%s\n    %s\n", roles.Prefix, r.Name, strings.ReplaceAll(r.Use, "\n", "\n    "))
		}
		topic.AddCommand(newTopic(plugin, "Rights that "+plugin+" needs", roles.File(plugin)))
	}
	topic.Long = b.String()
	return topic
}
