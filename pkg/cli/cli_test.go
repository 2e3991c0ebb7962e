// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/spf13/cobra"
	"go.uber.org/goleak"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/clitest"
)

func TestMain(m *testing.M) { clitest.Main(leakless{m}, program) }

// leakless fails the tests when they leave goroutines behind.
type leakless struct{ m *testing.M }

func (l leakless) Run() int {
	code := l.m.Run()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// program is the suite with one plugin, for what only a process of its own shows.
func program() {
	ctx, stop := cli.Signals(context.Background())
	wait := verb("wait", func(ctx context.Context, f *cli.Factory) error {
		fmt.Fprintln(f.Streams.Out, "waiting")
		<-ctx.Done()
		fmt.Fprintln(f.Streams.Out, "stopping")
		return fmt.Errorf("wait for Deployment shop/web: %w", ctx.Err())
	})
	hang := verb("hang", func(ctx context.Context, f *cli.Factory) error {
		fmt.Fprintln(f.Streams.Out, "waiting")
		<-ctx.Done()
		fmt.Fprintln(f.Streams.Out, "cleaning up")
		_, err := io.Copy(io.Discard, f.Streams.In) // which the test never closes
		return err
	})
	flood := verb("flood", func(ctx context.Context, f *cli.Factory) error {
		for {
			if _, err := fmt.Fprintln(f.Streams.Out, "data"); err != nil {
				return err
			}
		}
	})
	config := verb("config", func(_ context.Context, f *cli.Factory) error {
		klog.Warning("client-go says so")
		_, err := f.RESTConfig()
		return err
	})
	code := cli.Main(ctx, cli.NewFactory(cli.System(), cli.ReadBuild("v0.1.0")), []cli.Plugin{wait, hang, flood, config}, os.Args)
	stop()
	os.Exit(code)
}

// run is one call of the program and what came of it.
type run struct {
	code        int
	out, errOut string
}

// call runs the program with one plugin, whose commands are given.
func call(t *testing.T, streams cli.Streams, commands []command, args ...string) run {
	t.Helper()
	var out, errOut bytes.Buffer
	streams.Out, streams.ErrOut = &out, &errOut
	if streams.In == nil {
		streams.In = new(bytes.Buffer)
	}
	f := cli.NewFactory(streams, cli.Build{Version: "v1.2.3", Platform: "plan9/mips"})
	f.Getenv = func(string) string { return "" }
	plugin := func(f *cli.Factory) *cobra.Command {
		c := &cobra.Command{Use: "canary", Short: "Release with care", GroupID: cli.GroupPlugins}
		for _, make := range commands {
			c.AddCommand(make(f))
		}
		return c
	}
	code := cli.Run(t.Context(), f, []cli.Plugin{plugin}, append([]string{"kubectl-micro"}, args...))
	return run{code, out.String(), errOut.String()}
}

// command makes a sub-command of the plugin.
type command = func(*cli.Factory) *cobra.Command

// verb is a sub-command that does what run says.
func verb(name string, run func(context.Context, *cli.Factory) error) command {
	return func(f *cli.Factory) *cobra.Command {
		return &cobra.Command{Use: name, Short: "Do it", RunE: func(cmd *cobra.Command, _ []string) error {
			return run(cmd.Context(), f)
		}}
	}
}

// kubeconfig writes a kubeconfig for server and returns its path.
func kubeconfig(t *testing.T, server string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: prod
contexts:
- {name: prod, context: {cluster: c, user: u, namespace: shop}}
- {name: stage, context: {cluster: c, user: u}}
clusters:
- {name: c, cluster: {server: %q}}
users:
- {name: u, user: {}}
`, server)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// server is an API server that answers everything with handle.
func server(t *testing.T, handle http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handle)
	t.Cleanup(s.Close)
	return s.URL
}

// get sends one request the way a command would and returns its error.
func get(ctx context.Context, f *cli.Factory, path string) error {
	config, err := f.RESTConfig()
	if err != nil {
		return err
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	c, err := rest.UnversionedRESTClientForConfigAndClient(withCodec(config), client)
	if err != nil {
		return err
	}
	return c.Get().AbsPath(path).Do(ctx).Error()
}
