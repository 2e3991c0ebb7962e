// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
)

func TestATimeoutIsNotNegative(t *testing.T) {
	for args, want := range map[string]string{
		"--timeout=5s":  "",
		"--timeout=0":   "",
		"--timeout=-5s": `invalid argument "-5s" for "--timeout" flag: must not be negative`,
		"--timeout=x":   `invalid argument "x" for "--timeout" flag: time: invalid duration "x"`,
	} {
		var flag cli.TimeoutFlag
		err := parse(func(fs *pflag.FlagSet) { flag.AddFlags(fs, "wait") }, args)
		if (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%s: %v, want %q", args, err, want)
		}
		if args == "--timeout=5s" && flag.Timeout != 5*time.Second {
			t.Errorf("%s is %s", args, flag.Timeout)
		}
	}
}

func TestTheFieldManagerHasAName(t *testing.T) {
	for _, args := range []string{"--field-manager=", "--field-manager=me"} {
		flags := cli.NewWriteFlags("canary")
		if err := parse(flags.AddFlags, args); err != nil {
			t.Fatal(err)
		}
		want := told{0, ""}
		if flags.FieldManager == "" {
			want = told{2, "error: --field-manager must not be empty\n"}
		}
		if diff := cmp.Diff(want, tell(flags.Complete(cli.Streams{}))); diff != "" {
			t.Errorf("%s: %s", args, diff)
		}
	}
}
