// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// looking is a command that reads a cluster or files, and fails with a hint.
func looking(name, hint string) command {
	return func(f *cli.Factory) *cobra.Command {
		var files cli.FileFlags
		var timeout time.Duration
		c := verb(name, func(context.Context, *cli.Factory) error { return fault.Usagef("no").Try("%s", hint) })(f)
		files.AddFlags(c.Flags(), "look at")
		c.Flags().DurationVar(&timeout, "timeout", 0, "How long")
		return c
	}
}

// A hint is to be pasted: it sees what the command saw that gave it.
func TestAgain(t *testing.T) {
	for _, tc := range []struct{ hint, typed, want string }{
		{"kubectl micro canary map", "", ""},
		{"look: kubectl micro canary map", "-n shop -f a.yaml -f b*.yaml -R", " -n shop -f a.yaml -f 'b*.yaml' -R"},
		{"kubectl micro canary map -n other -f c.yaml", "-n shop -f a.yaml -R --as=me", " --as=me"},
		{"kubectl micro canary map -A -k base", "-n shop -f a.yaml --context=two", " --context=two"},
		{"kubectl micro canary map --as=you", "--as=me --as-group=a,b --as-group=c", " --as-group=a,b --as-group=c"},
		{"kubectl micro canary map", "--insecure-skip-tls-verify --token=hush", " --insecure-skip-tls-verify"},
		{"kubectl micro canary plain", "-n shop --as=me", ""},         // it asks no cluster
		{"kubectl micro canary nobody", "-n shop", ""},                // there is none
		{"kubectl micro canary map --help", "-n shop", ""},            // it looks at nothing
		{"see kubectl micro canary map", "-n shop", ""},               // it may go on in words
		{"kubectl micro canary map | kubectl apply", "-n shop", ""},   // it goes on
		{"kubectl micro canary map, or another", "-n shop", ""},       // so does this
		{"kubectl get pods", "-n shop -f a.yaml --as=me", " --as=me"}, // whose namespace is in the hint
		{"kubectl config view", "--as=me --kubeconfig=k", " --kubeconfig=k"},
	} {
		run := call(t, cli.Streams{}, []command{looking("map", tc.hint), verb("plain", nil)}, append([]string{"canary", "map"}, strings.Fields(tc.typed)...)...)
		if want := "error: no\ntry: " + tc.hint + tc.want + "\n"; run.errOut != want {
			t.Errorf("%s, typed with %s:\ngot  %swant %s", tc.hint, tc.typed, run.errOut, want)
		}
	}
	// Where -f is something else, as intents are, it stays out.
	based := func(f *cli.Factory) *cobra.Command {
		c := looking("plan", "kubectl micro canary map\nkubectl micro canary plan")(f)
		c.Flags().StringSlice("base", nil, "Files")
		return c
	}
	run := call(t, cli.Streams{}, []command{looking("map", ""), based}, "canary", "plan", "-f", "i.yaml", "--base", "b.yaml")
	if want := "error: no\ntry: kubectl micro canary map\n     kubectl micro canary plan --base=b.yaml -f i.yaml\n"; run.errOut != want {
		t.Errorf("got\n%swant\n%s", run.errOut, want)
	}
}
