// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"bytes"
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
)

// Nobody waits for TAB longer than two seconds, even for what no context ends.
func TestInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := cli.NewFactory(cli.Streams{In: new(bytes.Buffer), Out: new(bytes.Buffer), ErrOut: new(bytes.Buffer)}, cli.Build{})
		f.Getenv = func(string) string { return "" }
		cmd := &cobra.Command{Use: "canary"}
		cmd.SetContext(t.Context())
		release := make(chan struct{})
		begin := time.Now()
		got := cli.InTime(f, cmd, func(context.Context) string { <-release; return "late" })
		if took := time.Since(begin); got != "" || took != 2*time.Second {
			t.Errorf("%q after %s, want nothing after 2s", got, took)
		}
		close(release)
		cmd = &cobra.Command{Use: "canary"} // the other one is still busy with its flags
		cmd.SetContext(t.Context())
		if got := cli.InTime(f, cmd, func(context.Context) string { return "svc/cart" }); got != "svc/cart" {
			t.Errorf("found %q", got)
		}
	})
}
