// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
)

// repeated are the flags, besides those with files, that say which world is
// meant. Secrets are not repeated: a token would end up on the screen.
var repeated = []string{
	"snapshot", "cluster-domain", "root-namespace",
	"as", "as-group", "as-uid", "certificate-authority", "client-certificate", "client-key", "cluster",
	"context", "insecure-skip-tls-verify", "kubeconfig", "server", "tls-server-name", "user",
}

// Repeat are the flags with which another command sees the world that this one
// saw, but for the namespace: for suggestions that can be pasted.
func (f *Flags) Repeat(cmd *cobra.Command) string {
	var words []string
	for _, file := range f.Files.Files {
		words = append(words, "-f "+cli.Quote(file))
	}
	if f.Files.Kustomize != "" {
		words = append(words, "-k "+cli.Quote(f.Files.Kustomize))
	}
	if f.Files.Recursive {
		words = append(words, "-R")
	}
	if f.Overlay {
		words = append(words, "--overlay")
	}
	for _, name := range repeated {
		if flag := cmd.Flag(name); flag != nil && flag.Changed {
			words = append(words, "--"+name+"="+cli.Quote(strings.Trim(flag.Value.String(), "[]")))
		}
	}
	return strings.Join(words, " ")
}
