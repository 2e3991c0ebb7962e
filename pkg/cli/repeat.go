// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// repeated are the flags, besides those of files, that say which world is meant.
// Secrets are not repeated: a token would end up on the screen.
var repeated = append([]string{"snapshot", "cluster-domain", "root-namespace"}, connection...)

// connection are those of them that kubectl has too.
var connection = []string{
	"as", "as-group", "as-uid", "certificate-authority", "client-certificate", "client-key", "cluster",
	"context", "insecure-skip-tls-verify", "kubeconfig", "server", "tls-server-name", "user",
}

// Repeat are the flags with which another command sees the world that this one
// saw, but for the namespace: for suggestions that can be pasted.
func Repeat(cmd *cobra.Command, files FileFlags) string {
	words := files.words()
	if overlay := cmd.Flag("overlay"); overlay != nil && overlay.Changed {
		words = append(words, "--overlay")
	}
	for _, name := range repeated {
		if flag := cmd.Flag(name); flag != nil && flag.Changed {
			words = append(words, "--"+name+"="+Quote(strings.Trim(flag.Value.String(), "[]")))
		}
	}
	return strings.Join(words, " ")
}

// Words are the flags as they are typed, with a blank before; empty if there are none.
func (f FileFlags) Words() string {
	if words := f.words(); len(words) > 0 {
		return " " + strings.Join(words, " ")
	}
	return ""
}

func (f FileFlags) words() []string {
	var words []string
	for _, file := range f.Files {
		words = append(words, "-f "+Quote(file))
	}
	if f.Kustomize != "" {
		words = append(words, "-k "+Quote(f.Kustomize))
	}
	if f.Recursive {
		words = append(words, "-R")
	}
	return words
}
