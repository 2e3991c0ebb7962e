// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// clusterOnly are the global flags that mean nothing without a cluster.
var clusterOnly = []string{
	"as", "as-group", "as-uid", "as-user-extra", "certificate-authority", "client-certificate", "client-key", "cluster",
	"context", "insecure-skip-tls-verify", "kubeconfig", "server", "tls-server-name", "token", "user",
}

// Offline refuses flags that name a cluster beside those that name files.
func Offline(cmd *cobra.Command) error {
	for _, name := range clusterOnly {
		if flag := cmd.Flag(name); flag != nil && flag.Changed {
			with := given(cmd)
			return fault.Usagef("--%s names a cluster, but with %s none is contacted", name, with).
				Try("drop --%s to work on the files, or drop %s to work on the cluster", name, with)
		}
	}
	return nil
}

// SnapshotVar adds --snapshot: every command that reads a cluster can read one
// that was saved.
func SnapshotVar(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVar(file, "snapshot", "", "Read a file that \"diagnose snapshot save\" wrote, - for standard input; no cluster is contacted")
	_ = cmd.MarkFlagFilename("snapshot")
}

// given are the flags that were used to name files.
func given(cmd *cobra.Command) string {
	if flag := cmd.Flag("snapshot"); flag != nil && flag.Changed {
		return "--snapshot"
	}
	return "-f or -k"
}

// Quote makes a word safe for a shell.
func Quote(word string) string {
	if word != "" && !strings.ContainsAny(word, " \t\n'\"\\$`&|;<>()*?[]{}!#~") {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Plural is "1 object", "2 objects".
func Plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
