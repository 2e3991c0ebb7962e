// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// set is a sub-command with all that can be got wrong on a command line.
func set(f *cli.Factory) *cobra.Command {
	var weight int
	var files cli.FileFlags
	c := &cobra.Command{
		Use: "set SERVICE", Short: "Set the weight", Aliases: []string{"weight"}, Args: cobra.ExactArgs(1),
		Example: `
			# Send a tenth of the traffic to the new version
			kubectl micro canary set reviews --weight=10`,
		RunE: func(_ *cobra.Command, args []string) error {
			switch args[0] {
			case "usage":
				return fault.Usagef("no service %q", args[0])
			case "hint":
				return fault.Usagef("no service %q", args[0]).Try("reviews")
			case "fail":
				return errors.New("disk full")
			case "silent":
				return fault.Silently(fault.Usage)
			}
			fmt.Fprintln(f.Streams.Out, args[0], weight)
			return nil
		},
	}
	c.Flags().IntVar(&weight, "weight", 5, "Percentage of the traffic for the new version, and a long explanation that has to be broken into two lines")
	c.Flags().Bool("all", false, "All of it")
	c.Flags().Duration("window", 0, "How far back")
	files.AddFlags(c.Flags(), "change")
	cli.NewWriteFlags("canary").AddFlags(c.Flags())
	c.MarkFlagsMutuallyExclusive("all", "weight")
	return c
}

func TestMistakesOnTheCommandLine(t *testing.T) {
	const help = "try: kubectl micro canary set --help\n"
	for args, want := range map[string]run{
		"canary set web --weight=10":      {0, "web 10\n", ""},
		"canary weight web":               {0, "web 5\n", ""},
		"canary set web --window 5":       {2, "", "error: invalid argument \"5\" for \"--window\" flag: time: missing unit in duration \"5\"\ntry: --window=5s\n"},
		"canary set web --window x":       {2, "", "error: invalid argument \"x\" for \"--window\" flag: time: invalid duration \"x\"\n" + help},
		"canry":                           {2, "", "error: unknown command \"canry\" for \"kubectl micro\"\ntry: kubectl micro canary\n"},
		"bogus":                           {2, "", "error: unknown command \"bogus\" for \"kubectl micro\"\ntry: kubectl micro --help\n"},
		"canary st":                       {2, "", "error: unknown command \"st\" for \"kubectl micro canary\"\ntry: kubectl micro canary set\n"},
		"canary bogus --weight=1":         {2, "", "error: unknown flag: --weight\ntry: kubectl micro canary --help\n"},
		"canary set web --wieght=10":      {2, "", "error: unknown flag: --wieght\ntry: --weight\n"},
		"canary set web --contxt=x":       {2, "", "error: unknown flag: --contxt\ntry: --context\n"},
		"canary set web --zzzzz":          {2, "", "error: unknown flag: --zzzzz\n" + help},
		"canary set web -Z":               {2, "", "error: unknown shorthand flag: 'Z' in -Z\n" + help},
		"canary set web --weight":         {2, "", "error: flag needs an argument: --weight\n" + help},
		"canary set web --weight=x":       {2, "", "error: invalid argument \"x\" for \"--weight\" flag: strconv.ParseInt: parsing \"x\": invalid syntax\n" + help},
		"canary set web --color=red":      {2, "", "error: invalid argument \"red\" for \"--color\" flag: must be one of auto, always, never\n" + help},
		"canary set":                      {2, "", "error: accepts 1 arg(s), received 0\n" + help},
		"canary set web --all --weight=1": {2, "", "error: if any flags in the group [all weight] are set none of the others can be; [all weight] were all set\n" + help},
		"canary set usage":                {2, "", "error: no service \"usage\"\n" + help},
		"canary set hint":                 {2, "", "error: no service \"hint\"\ntry: reviews\n"},
		"canary set fail":                 {3, "", "error: disk full\n"},
		"canary set silent":               {2, "", ""},
		"options extra":                   {2, "", "error: unknown command \"extra\" for \"kubectl micro options\"\ntry: kubectl micro options --help\n"},
		"help nosuch":                     {2, "", "error: unknown command \"nosuch\" for \"kubectl micro\"\ntry: kubectl micro --help\n"},
		"help canry":                      {2, "", "error: unknown command \"canry\" for \"kubectl micro\"\ntry: kubectl micro help canary\n"},
		"help exit-code":                  {2, "", "error: unknown command \"exit-code\" for \"kubectl micro\"\ntry: kubectl micro help exit-codes\n"},
		"help canary st":                  {2, "", "error: unknown command \"st\" for \"kubectl micro canary\"\ntry: kubectl micro help canary set\n"},
		"help canary set web":             {2, "", "error: unknown command \"web\" for \"kubectl micro canary set\"\ntry: kubectl micro canary set --help\n"},
		"completion bash":                 {2, "", "error: unknown command \"completion\" for \"kubectl micro\"\ntry: kubectl micro --help\n"},
	} {
		got := call(t, cli.Streams{}, []command{set}, strings.Fields(args)...)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(run{})); diff != "" {
			t.Errorf("%q: %s", args, diff)
		}
	}
}

func TestCompletion(t *testing.T) {
	api := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/namespaces" || r.Header.Get("Kubectl-Command") != "kubectl micro" ||
			!strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadataList") {
			t.Errorf("asked for %s with %v", r.URL, r.Header)
		}
		fmt.Fprint(w, `{"items":[{"metadata":{"name":"default"}},{"metadata":{"name":"shop"}},{"metadata":{"name":"stage"}}]}`)
	})
	path := kubeconfig(t, api)
	for args, want := range map[string]string{
		"__complete ca":                                          "canary\tRelease with care\n:4\n",
		"__complete canary s":                                    "set\tSet the weight\n:4\n",
		"__complete canary set web --dry-run=":                   "none\nserver\nclient\n:4\n",
		"__complete canary set web --dry-run=s":                  "server\n:4\n",
		"__complete --color a":                                   "auto\nalways\n:4\n",
		"__complete canary set web -f ":                          "json\nyaml\nyml\n:8\n",
		"__complete canary set web --kubeconfig PATH --context ": "prod\tcluster c, namespace shop (the current one)\nstage\tcluster c, namespace default\n:4\n",
		"__complete --kubeconfig PATH --cluster ":                "c\tSERVER\n:4\n",
		"__complete --kubeconfig PATH --user ":                   "u\n:4\n",
		"__complete canary set web --kubeconfig PATH -n s":       "shop\nstage\n:4\n",
		"__complete --kubeconfig /nonexistent --namespace ":      ":4\n",
		"__complete --kubeconfig /nonexistent --context ":        ":4\n",
	} {
		words := strings.Split(strings.ReplaceAll(args, "PATH", path), " ")
		want = strings.ReplaceAll(want, "SERVER", api)
		if got := call(t, cli.Streams{}, []command{set}, words...); got.out != want || got.code != 0 {
			t.Errorf("%q completes to %q (exit %d), want %q", args, got.out, got.code, want)
		}
	}
	down := kubeconfig(t, server(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	if got := call(t, cli.Streams{}, nil, "__complete", "--kubeconfig", down, "-n", ""); got.out != ":4\n" || got.code != 0 {
		t.Errorf("without a right to list namespaces: %+v", got)
	}
	for args, want := range map[string]string{
		"__complete print -o json":         "json\tfor programs\njsonpath=\ta JSONPath of the objects\njsonpath-as-json=\ta JSONPath, as JSON\njsonpath-file=\ta file with a JSONPath\n:6\n",
		"__complete print -o go-template-": "go-template-file=\ta file with a Go template\n:6\n",
	} {
		print := func(f *cli.Factory) *cobra.Command {
			c := verb("print", func(context.Context, *cli.Factory) error { return nil })(f)
			cli.NewPrintFlags().AddFlags(c.Flags())
			return c
		}
		words := strings.Fields(strings.Replace(args, "print", "canary print", 1))
		if got := call(t, cli.Streams{}, []command{print}, words...); got.out != want {
			t.Errorf("%q completes to %q, want %q", args, got.out, want)
		}
	}
}

func TestHelp(t *testing.T) {
	root := call(t, cli.Streams{}, []command{set})
	for _, args := range []string{"--help", "help", "-h"} {
		if got := call(t, cli.Streams{}, []command{set}, args); got != root {
			t.Errorf("%s differs from the bare command: %+v", args, got)
		}
	}
	for _, want := range []string{
		"\n\nCommands:\n  canary       Release with care\n\nOther Commands:\n", "\nHelp Topics:\n  environment  ",
		"\nUsage:\n  kubectl micro [command] [flags]\n", "Use \"kubectl micro options\" for the global flags",
	} {
		if !strings.Contains(root.out, want) {
			t.Errorf("the root's help lacks %q:\n%s", want, root.out)
		}
	}
	if strings.Contains(root.out, "completion") || strings.Contains(root.out, "--kubeconfig") || root.code != 0 || root.errOut != "" {
		t.Errorf("the root's help: %+v", root)
	}
	want := `Set the weight

Examples:
  # Send a tenth of the traffic to the new version
  kubectl micro canary set reviews --weight=10

Options:
`
	got := call(t, cli.Streams{}, []command{set}, "canary", "set", "--help")
	if !strings.HasPrefix(got.out, want) {
		t.Errorf("help:\n%s", got.out)
	}
	for _, want := range []string{
		"\n    -f, --filename=[]:\n\tFiles, directories or URLs",
		"\n        --weight=5:\n\tPercentage of the traffic for the new version, and a long explanation that has to be broken\n\tinto two lines\n",
		"\n        --field-manager='kubectl-micro-canary':\n", "\nUsage:\n  kubectl micro canary set SERVICE [flags]\n",
	} {
		if !strings.Contains(got.out, want) {
			t.Errorf("help lacks %q:\n%s", want, got.out)
		}
	}
	if strings.Contains(got.out, "--help=") {
		t.Errorf("help explains --help:\n%s", got.out)
	}
	if got := call(t, cli.Streams{}, []command{set}, "canary"); !strings.Contains(got.out, "Available Commands:\n  set ") || got.code != 0 {
		t.Errorf("a command with sub-commands alone: %+v", got)
	}
	if got := call(t, cli.Streams{}, []command{set}, "help", "canary", "set"); !strings.HasPrefix(got.out, want) || got.code != 0 {
		t.Errorf("help canary set: %+v", got)
	}
	if got := call(t, cli.Streams{}, []command{set}, "help", "-h"); !strings.Contains(got.out, "kubectl micro help exit-codes") || got.code != 0 {
		t.Errorf("help -h: %+v", got)
	}
	if got := call(t, cli.Streams{}, []command{set}, "help", "exit-codes"); !strings.Contains(got.out, "  124  the time") || strings.Contains(got.out, "Usage") {
		t.Errorf("a help topic: %+v", got)
	}
	if got := call(t, cli.Streams{}, []command{set}, "options"); !strings.Contains(got.out, "    -n, --namespace='':\n") || !strings.Contains(got.out, "--cache-dir='$HOME/.kube/cache'") {
		t.Errorf("options: %+v", got)
	}
}

// Flags of libraries must not leak in: kubectl users see those of kubectl and ours.
func TestNoStrayFlags(t *testing.T) {
	call(t, cli.Streams{}, nil, "options")
	pflag.CommandLine.VisitAll(func(f *pflag.Flag) { t.Errorf("pflag.CommandLine has --%s", f.Name) })
}

func TestDoc(t *testing.T) {
	got := cli.Doc(`
		First line.

		  indented
		Last.
	`)
	if want := "First line.\n\n  indented\nLast."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// A signal's cause reaches the user through whatever the command returns.
func TestInterruptedCommand(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(fault.New(fault.Terminated, "terminated"))
	var out, errOut strings.Builder
	f := cli.NewFactory(cli.Streams{In: strings.NewReader(""), Out: &out, ErrOut: &errOut}, cli.Build{})
	waits := verb("wait", func(ctx context.Context, _ *cli.Factory) error {
		<-ctx.Done()
		return fmt.Errorf("wait for Deployment shop/web: %w", ctx.Err())
	})
	code := cli.Run(ctx, f, []cli.Plugin{waits}, []string{"kubectl-micro", "wait"})
	if want := "error: terminated: wait for Deployment shop/web\n"; code != 143 || errOut.String() != want {
		t.Errorf("exit %d, %q, want %q", code, &errOut, want)
	}
}

func TestBuild(t *testing.T) {
	b := cli.ReadBuild("v0.1.0")
	if b.Version != "v0.1.0" || !strings.HasPrefix(b.Go, "go1.") || !strings.Contains(b.Platform, "/") {
		t.Errorf("%+v", b)
	}
	if got := cli.ReadBuild("").Version; got == "" {
		t.Error("no version at all")
	}
}
