// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package plugins_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/clitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/plugins"
)

func TestMain(m *testing.M) { clitest.Main(m, program) }

func program() {
	ctx, stop := cli.Signals(context.Background())
	f := cli.NewFactory(cli.System(), cli.ReadBuild("v0.0.0"))
	code := cli.Main(ctx, f, plugins.All(), os.Args)
	stop()
	os.Exit(code)
}

func TestScripts(t *testing.T) { clitest.Scripts(t, "testdata/script", clitest.Clusters(t)) }

// free are the flags whose values only the user knows, by their reasons. Numbers
// and durations need none.
var free = map[string][]string{
	"an identity or address of the user's":        {"as", "as-group", "as-uid", "as-user-extra", "server", "proxy-url", "tls-server-name", "token", "trust-domain", "cluster-domain", "from-ip", "host"},
	"an instant or a duration":                    {"at", "after", "before", "since-time", "range", "step", "interval", "request-timeout", "latency", "schedule"},
	"an expression":                               {"selector", "filter", "where", "include", "exclude", "claims", "header", "prometheus-header", "label", "alert-label"},
	"a condition, number and sign":                {"client-errors", "p50", "p95", "p99", "restarts", "rps", "success", "max-success-drop", "weight", "buckets"},
	"a name or place that is made here":           {"name", "owner", "email", "part-of", "runbook", "registry", "image", "expose", "external", "env", "secret-file", "volume", "field-manager"},
	"a number with a word":                        {"cpu", "memory", "hpa", "port", "metrics", "depends-on"},
	"a path of a request":                         {"path", "paths"},
	"told by what the program writes or deletes":  {"fields", "metric", "restore", "prometheus"},
	"told by a file that is not read to complete": {"compose --profile"},
}

// freeArguments are the commands whose arguments only the user knows.
var freeArguments = map[string]string{
	"monitor query": "PROMQL is an expression",
	"scaffold":      "NAME is made here",
}

// bare are types whose values need no reason.
var bare = regexp.MustCompile(`^(u?int|float|duration|count)`)

// shopping is the suite, connected to a server with the example's objects.
func shopping(t *testing.T) *cobra.Command {
	t.Helper()
	files, err := filepath.Glob("../examples/shop-by-hand/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("expected manifests of the shop, found %v, %v", files, err)
	}
	objects := []map[string]any{
		{"apiVersion": "v1", "kind": "Node", "metadata": map[string]any{"name": "node-a"}},
		{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "pod-a", "namespace": "shop"}},
	}
	for _, file := range files {
		objects = append(objects, objectsOf(t, file)...)
	}
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(kubeconfig, fmt.Appendf(nil, `{apiVersion: v1, kind: Config, current-context: c,
contexts: [{name: c, context: {cluster: k, user: u, namespace: shop}}],
clusters: [{name: k, cluster: {server: %q}}], users: [{name: u, user: {token: hush-hush}}]}
`, apitest.New(t, objects...).Config().Host), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KUBECONFIG", kubeconfig)
	t.Setenv("HOME", t.TempDir())
	streams := cli.Streams{In: strings.NewReader(""), Out: io.Discard, ErrOut: io.Discard}
	return cli.NewRoot(cli.NewFactory(streams, cli.ReadBuild("v0.0.0")), plugins.All())
}

func objectsOf(t *testing.T, file string) []map[string]any {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := manifest.Split(file, data)
	if err != nil {
		t.Fatal(err)
	}
	var objects []map[string]any
	for _, d := range stream.Docs {
		found, err := d.Objects()
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range found {
			objects = append(objects, o.Value)
		}
	}
	return objects
}

// real are offers without hints.
func real(offers []string) []string {
	return slices.DeleteFunc(slices.Clone(offers), func(o string) bool { return strings.HasPrefix(o, "_activeHelp_") })
}

// TestEveryFlagAndArgument asks for each flag and argument of the suite: it has
// offers, or it says which files it takes, or it is known to be free. No other is
// left to the shell, which would offer the names of files.
func TestEveryFlagAndArgument(t *testing.T) {
	root := shopping(t)
	reasons, used := map[string]string{}, map[string]bool{}
	for reason, names := range free {
		for _, name := range names {
			reasons[name] = reason
		}
	}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		c.SetContext(t.Context())
		see := func(flag *pflag.Flag) {
			key := flag.Name
			if only := c.Name() + " --" + flag.Name; reasons[only] != "" {
				key = only
			}
			if completes(t, c, flag, reasons[key] != "") {
				used[key] = true
			}
		}
		c.PersistentFlags().VisitAll(see)
		c.LocalNonPersistentFlags().VisitAll(see)
		argument(t, c)
		for _, child := range c.Commands() {
			walk(child)
		}
	}
	walk(root)
	for name := range reasons {
		if !used[name] {
			t.Errorf("--%s is listed as free, and is not", name)
		}
	}
}

// completes asks for the values of one flag, and reports whether it is a free one.
func completes(t *testing.T, c *cobra.Command, flag *pflag.Flag, listed bool) (free bool) {
	t.Helper()
	_, file := flag.Annotations[cobra.BashCompFilenameExt]
	_, dir := flag.Annotations[cobra.BashCompSubdirsInDir]
	if file || dir || flag.Value.Type() == "bool" {
		return false
	}
	complete, known := c.GetFlagCompletionFunc(flag.Name)
	if !known {
		t.Errorf("%s --%s is left to the shell, which offers files", c.CommandPath(), flag.Name)
		return false
	}
	offers, directive := complete(c, nil, "")
	switch {
	case directive&cobra.ShellCompDirectiveNoFileComp == 0:
		t.Errorf("%s --%s takes no files, and would offer them (%d)", c.CommandPath(), flag.Name, directive)
	case len(real(offers)) > 0, bare.MatchString(flag.Value.Type()):
	case listed:
		return true
	default:
		t.Errorf("%s --%s (%s) has no completion: %q", c.CommandPath(), flag.Name, flag.Value.Type(), offers)
	}
	return false
}

// argument asks for the first argument of a command.
func argument(t *testing.T, c *cobra.Command) {
	t.Helper()
	name := strings.Join(strings.Fields(c.CommandPath())[2:], " ")
	_, takes, _ := strings.Cut(c.Use, " ")
	own := takes != "" && !strings.HasPrefix(takes, "-") && !strings.HasPrefix(takes, "[-") && c.Name() != "import"
	_, listed := freeArguments[name]
	offers, directive := c.ValidArgsFunction(c, nil, "")
	const files = cobra.ShellCompDirectiveFilterFileExt | cobra.ShellCompDirectiveFilterDirs
	switch {
	case len(real(offers)) > 0 || directive&files != 0:
		if !own {
			t.Errorf("%s takes no argument, and offers %q", c.CommandPath(), offers)
		}
	case strings.HasSuffix(takes, "FILE") && directive == cobra.ShellCompDirectiveDefault:
	case directive&cobra.ShellCompDirectiveNoFileComp == 0:
		t.Errorf("%s would offer files (%d)", c.CommandPath(), directive)
	case own && !listed:
		t.Errorf("%s %s has no completion", c.CommandPath(), takes)
	}
	if listed && len(real(offers)) > 0 {
		t.Errorf("%s is listed as free, and is not", name)
	}
}

// TestNothingSecret looks for the token of a kubeconfig in all that is offered
// about connections.
func TestNothingSecret(t *testing.T) {
	root := shopping(t)
	root.SetContext(t.Context())
	root.PersistentFlags().VisitAll(func(flag *pflag.Flag) {
		complete, known := root.GetFlagCompletionFunc(flag.Name)
		if !known {
			return
		}
		if offers, _ := complete(root, nil, ""); strings.Contains(fmt.Sprint(offers), "hush") {
			t.Errorf("--%s: found the token in %q", flag.Name, offers)
		}
	})
}
