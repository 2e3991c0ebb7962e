// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"testing"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

func TestRepeat(t *testing.T) {
	for _, c := range []struct {
		name, want string
		args       []string
	}{
		{"nothing", "", nil},
		{"files", "-f a -f 'b c' -R", []string{"-f", "a,b c", "-R"}},
		{"an overlay", "-k k --overlay", []string{"-k", "k", "--overlay"}},
		{"a snapshot", "--snapshot=s.gz --root-namespace=mesh", []string{"--snapshot", "s.gz", "--root-namespace=mesh", "--timeout=1s"}},
		{"a cluster, and no secret of it", "--context=c", []string{"--context=c", "--token=secret"}},
	} {
		cmd := &cobra.Command{Use: "x"}
		var flags world.Flags
		flags.AddFlags(cmd, "look at")
		cmd.Flags().String("context", "", "")
		cmd.Flags().String("token", "", "")
		if err := cmd.ParseFlags(c.args); err != nil {
			t.Fatal(err)
		}
		if got := cli.Repeat(cmd, flags.Files); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestFlagsThatExcludeEachOther(t *testing.T) {
	for _, args := range [][]string{
		{"--snapshot=s", "-f", "a"}, {"--overlay"}, {"--complete"}, {"--complete", "--overlay", "-f", "a"},
	} {
		cmd := &cobra.Command{Use: "x"}
		var flags world.Flags
		flags.AddFlags(cmd, "look at")
		if err := cmd.ParseFlags(args); err != nil {
			t.Fatal(err)
		}
		if err := flags.Validate(); err == nil {
			t.Errorf("%q: expected an error", args)
		}
	}
}
