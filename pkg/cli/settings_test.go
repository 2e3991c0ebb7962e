// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
)

// settled runs a command that tells the timeout of its connection, with an
// environment and, if it is not empty, a file of settings.
func settled(t *testing.T, env map[string]string, file string, args ...string) run {
	t.Helper()
	if file != "" {
		env["KUBECTL_MICRO_CONFIG"] = filepath.Join(t.TempDir(), "micro.yaml")
		if err := os.WriteFile(env["KUBECTL_MICRO_CONFIG"], []byte("apiVersion: kubectl-micro.dev/v1alpha1\nkind: Settings\n"+file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, errOut bytes.Buffer
	f := cli.NewFactory(cli.Streams{In: new(bytes.Buffer), Out: &out, ErrOut: &errOut}, cli.Build{})
	f.Getenv = func(name string) string { return env[name] }
	plugin := func(f *cli.Factory) *cobra.Command {
		var view string
		ask := verb("ask", func(_ context.Context, f *cli.Factory) error {
			config, err := f.RESTConfig()
			if err == nil {
				fmt.Fprintln(f.Streams.Out, config.Timeout, view)
			}
			return err
		})(f)
		ask.Flags().StringVar(&view, "view", "client", "")
		write := verb("write", func(context.Context, *cli.Factory) error {
			fmt.Fprintln(f.Streams.Out, view)
			return nil
		})(f)
		write.Flags().StringVar(&view, "view", "client", "")
		cli.Written(write.Flags(), "view")
		c := &cobra.Command{Use: "canary", Short: "Release with care", GroupID: cli.GroupPlugins}
		c.AddCommand(ask, write)
		return c
	}
	code := cli.Run(t.Context(), f, []cli.Plugin{plugin}, append([]string{"kubectl-micro", "--kubeconfig", kubeconfig(t, "http://127.0.0.1:1")}, args...))
	return run{code, out.String(), errOut.String()}
}

func TestSettings(t *testing.T) {
	contexts := "contexts: {prod: {request-timeout: 3s}, stage: {request-timeout: 4s}}\n"
	for _, c := range []struct {
		name, variable, file string
		args                 []string
		want                 string
	}{
		{"nobody", "", "", []string{"canary", "ask"}, "0s client\n"},
		{"the connection has what a variable says", "REQUEST_TIMEOUT=1s", "", []string{"canary", "ask"}, "1s client\n"},
		{"and what the file says", "", "defaults: {request-timeout: 2s}\n", []string{"canary", "ask"}, "2s client\n"},
		{"of the current context", "", contexts, []string{"canary", "ask"}, "3s client\n"},
		{"of another", "", contexts, []string{"canary", "ask", "--context", "stage"}, "4s client\n"},
		{"the variable outranks it", "REQUEST_TIMEOUT=1s", contexts, []string{"canary", "ask"}, "1s client\n"},
		{"the command line outranks all", "REQUEST_TIMEOUT=1s", contexts, []string{"canary", "ask", "--request-timeout", "5s"}, "5s client\n"},
		{"a flag", "VIEW=server", "", []string{"canary", "ask"}, "0s server\n"},
		{"one that decides what is written", "VIEW=server", "defaults: {view: server}\n", []string{"canary", "write"}, "client\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			env := map[string]string{}
			if name, value, ok := strings.Cut(c.variable, "="); ok {
				env["KUBECTL_MICRO_"+name] = value
			}
			if got := settled(t, env, c.file, c.args...); got.out != c.want || got.code != 0 {
				t.Errorf("found %+v, want %q", got, c.want)
			}
		})
	}
}

// Who looks up what is right gets an answer while the settings are wrong.
func TestWrongSettings(t *testing.T) {
	env := map[string]string{"KUBECTL_MICRO_COLOR": "purple"}
	const told = `expected a value for --color, found "purple"`
	for _, args := range [][]string{{"help"}, {"help", "environment"}, {"options"}, {"help", "canary", "ask"}} {
		if got := settled(t, env, "", args...); got.code != 0 || got.out == "" || got.errOut != "" && !strings.HasPrefix(got.errOut, "warning: KUBECTL_MICRO_COLOR: "+told) {
			t.Errorf("%v: %+v", args, got)
		}
	}
	if got := settled(t, env, "", "canary", "ask"); got.code != 2 || got.out != "" || !strings.HasPrefix(got.errOut, "error: KUBECTL_MICRO_COLOR: "+told) {
		t.Errorf("%+v", got)
	}
}
