// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// parse reads a command line with a group of flags.
func parse(add func(*pflag.FlagSet), args string) error {
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	add(flags)
	return flags.Parse(strings.Fields(args))
}

func TestFileFlags(t *testing.T) {
	for args, want := range map[string]struct {
		flags cli.FileFlags
		err   string
	}{
		"":                   {cli.FileFlags{}, ""},
		"-f a.yaml -f b,c":   {cli.FileFlags{Files: []string{"a.yaml", "b", "c"}}, ""},
		"-f -":               {cli.FileFlags{Files: []string{"-"}}, ""},
		"-R -f dir":          {cli.FileFlags{Files: []string{"dir"}, Recursive: true}, ""},
		"-k dir":             {cli.FileFlags{Kustomize: "dir"}, ""},
		"--filename=":        {cli.FileFlags{Files: []string{}}, "the value of -f or -k is empty: expected files, not the cluster instead"},
		"--kustomize=":       {cli.FileFlags{}, "the value of -f or -k is empty: expected files, not the cluster instead"},
		"-k dir -f a":        {cli.FileFlags{Kustomize: "dir", Files: []string{"a"}}, "-k and -f cannot be used together"},
		"-R":                 {cli.FileFlags{Recursive: true}, "-R needs a directory given by -f"},
		"-k dir --recursive": {cli.FileFlags{Kustomize: "dir", Recursive: true}, "-R needs a directory given by -f"},
	} {
		var got cli.FileFlags
		if err := parse(func(fs *pflag.FlagSet) { got.AddFlags(fs, "check") }, args); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.flags, got, cmpopts.IgnoreUnexported(cli.FileFlags{})); diff != "" {
			t.Errorf("%q: %s", args, diff)
		}
		err := got.Validate()
		if fmt.Sprint(err) != want.err && !(err == nil && want.err == "") || err != nil && fault.KindOf(err) != fault.Usage {
			t.Errorf("%q: %v, want %q", args, err, want.err)
		}
		if got.Given() != (len(want.flags.Files) > 0 || want.flags.Kustomize != "") {
			t.Errorf("%q: Given is %t", args, got.Given())
		}
	}
}

func TestScopeFlags(t *testing.T) {
	path := kubeconfig(t, "http://127.0.0.1:1")
	for args, want := range map[string]run{
		"":               {0, "\"shop\" \n", ""},
		"-l app=web":     {0, "\"shop\" app=web\n", ""},
		"-A":             {0, "\"\" \n", ""},
		"-A -n other":    {0, "\"\" \n", ""},
		"-n other":       {0, "\"other\" \n", ""},
		"--selector a=(": {2, "", "error: --selector \"a=(\": unable to parse requirement: found '(', expected: identifier\ntry: kubectl micro canary list --help\n"},
	} {
		list := func(f *cli.Factory) *cobra.Command {
			var scope cli.ScopeFlags
			c := verb("list", func(context.Context, *cli.Factory) error {
				namespace, selector, err := scope.Scope(f)
				if err == nil {
					fmt.Fprintf(f.Streams.Out, "%q %s\n", namespace, selector)
				}
				return err
			})(f)
			scope.AddFlags(c.Flags())
			return c
		}
		got := call(t, cli.Streams{}, []command{list}, append([]string{"canary", "list", "--kubeconfig", path}, strings.Fields(args)...)...)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(run{})); diff != "" {
			t.Errorf("%q: %s", args, diff)
		}
	}
}

func TestPrintFlags(t *testing.T) {
	for args, want := range map[string]render.Objects{
		"":                     {Operation: "patched"},
		"-o yaml":              {Format: "yaml", Operation: "patched"},
		"-o patch":             {Format: "patch", Operation: "patched"},
		"--template={{.kind}}": {Template: "{{.kind}}", Operation: "patched"},
		"-ojson --show-managed-fields --allow-missing-template-keys=false": {Format: "json", ShowManagedFields: true, StrictTemplate: true, Operation: "patched"},
	} {
		flags := cli.NewPrintFlags()
		if err := parse(flags.AddFlags, args); err != nil {
			t.Fatal(err)
		}
		got, err := flags.Objects("patched")
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v\n%s", args, err, diff)
		}
	}
	flags := cli.NewPrintFlags()
	if err := parse(flags.AddFlags, "-o wide"); err != nil {
		t.Fatal(err)
	}
	if _, err := flags.Objects(""); fault.KindOf(err) != fault.Usage {
		t.Errorf("-o wide: %v", err)
	}
}

func TestReportFlags(t *testing.T) {
	for args, want := range map[string]told{
		"":                      {0, ""},
		"-o json":               {0, ""},
		"-o table --no-headers": {0, ""},
		"-o jsn":                {2, "error: output format \"jsn\" is not known, expected one of table, json, sarif\ntry: -o json\n"},
		"-o x":                  {2, "error: output format \"x\" is not known, expected one of table, json, sarif\ntry: -o table | json | sarif\n"},
	} {
		flags := cli.NewReportFlags("table", "json", "sarif")
		if err := parse(flags.AddFlags, args); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, tell(flags.Validate())); diff != "" {
			t.Errorf("%q: %s", args, diff)
		}
		if flags.NoHeaders != strings.Contains(args, "--no-headers") {
			t.Errorf("%q: NoHeaders is %t", args, flags.NoHeaders)
		}
	}
	if err := parse(cli.NewReportFlags("json").AddFlags, "--no-headers"); err == nil {
		t.Error("a report without a table takes --no-headers")
	}
}

func TestColorFlag(t *testing.T) {
	for args, want := range map[string]string{
		"":               "\x1b[31mx\x1b[0m", // the terminal wants it
		"--color=auto":   "\x1b[31mx\x1b[0m",
		"--color=never":  "x",
		"--color=always": "\x1b[31mx\x1b[0m",
	} {
		paint := verb("paint", func(_ context.Context, f *cli.Factory) error {
			fmt.Fprint(f.Streams.Out, f.Colors().Red("x"))
			fmt.Fprint(f.Streams.ErrOut, f.ErrColors().Red("x"))
			return nil
		})
		got := call(t, cli.Streams{OutColors: true}, []command{paint}, append([]string{"canary", "paint"}, strings.Fields(args)...)...)
		wantErr := "x" // a log, unless colour is forced
		if args == "--color=always" {
			wantErr = want
		}
		if diff := cmp.Diff(run{0, want, wantErr}, got, cmp.AllowUnexported(run{})); diff != "" {
			t.Errorf("%q: %s", args, diff)
		}
	}
}

func TestDryRun(t *testing.T) {
	const deprecated = "Warning: --dry-run is deprecated and can be replaced with --dry-run=client.\n"
	for args, want := range map[string]struct{ dryRun, operation, warning, err string }{
		"":                        {"none", "patched", "", ""},
		"--dry-run=none":          {"none", "patched", "", ""},
		"--dry-run=client":        {"client", "patched (dry run)", "", ""},
		"--dry-run=server":        {"server", "patched (server dry run)", "", ""},
		"--dry-run":               {"client", "patched (dry run)", deprecated, ""},
		"--dry-run=true":          {"client", "patched (dry run)", "Warning: --dry-run=true is deprecated (boolean value) and can be replaced with --dry-run=client.\n", ""},
		"--dry-run=false":         {"none", "patched", "Warning: --dry-run=false is deprecated (boolean value) and can be replaced with --dry-run=none.\n", ""},
		"--dry-run=maybe":         {err: `invalid argument "maybe" for "--dry-run" flag: must be "none", "server", or "client"`},
		"--diff --dry-run=server": {err: "--diff and --dry-run=server cannot be used together"},
	} {
		flags := cli.NewWriteFlags("canary")
		var errOut bytes.Buffer
		err := parse(flags.AddFlags, args)
		if err == nil {
			err = flags.Complete(cli.Streams{ErrOut: &errOut})
		}
		if want.err != "" {
			if err == nil || err.Error() != want.err {
				t.Errorf("%q: %v, want %s", args, err, want.err)
			}
			continue
		}
		if err != nil || string(flags.DryRun) != want.dryRun || flags.Operation("patched") != want.operation || errOut.String() != want.warning {
			t.Errorf("%q: %v, %+v, operation %q, warned %q", args, err, flags, flags.Operation("patched"), &errOut)
		}
		if flags.FieldManager != "kubectl-micro-canary" {
			t.Errorf("field manager %q", flags.FieldManager)
		}
	}
}

func TestConfirm(t *testing.T) {
	const question = "Delete it? [y/N] "
	for name, tc := range map[string]struct {
		flags    string
		terminal bool
		answer   string
		kind     fault.Kind
		asked    string
	}{
		"yes":                 {"", true, "y\n", 0, question},
		"Yes":                 {"", true, " Yes \n", 0, question},
		"no":                  {"", true, "n\n", fault.Refused, question},
		"just enter":          {"", true, "\n", fault.Refused, question},
		"end of input":        {"", true, "", fault.Refused, question + "\n"},
		"yes without a line":  {"", true, "yes", 0, question + "\n"},
		"--yes":               {"--yes", false, "", 0, ""},
		"no terminal":         {"", false, "y\n", fault.Usage, ""},
		"nothing written":     {"--dry-run=client", false, "", 0, ""},
		"only the difference": {"--diff", false, "", 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			flags := cli.NewWriteFlags("canary")
			if err := parse(flags.AddFlags, tc.flags); err != nil {
				t.Fatal(err)
			}
			var errOut bytes.Buffer
			err := flags.Confirm(cli.Streams{In: strings.NewReader(tc.answer), InTerminal: tc.terminal, ErrOut: &errOut}, "Delete it?")
			if fault.KindOf(err) != tc.kind || errOut.String() != tc.asked {
				t.Errorf("%v (kind %d, want %d), asked %q", err, fault.KindOf(err), tc.kind, &errOut)
			}
		})
	}
}

func TestTimeout(t *testing.T) {
	waits := func(ctx context.Context) error {
		<-ctx.Done()
		return fmt.Errorf("wait for Deployment shop/web: %w", ctx.Err())
	}
	for name, tc := range map[string]struct {
		timeout time.Duration
		run     func(context.Context) error
		want    told
	}{
		"in time":   {time.Minute, func(context.Context) error { return nil }, told{0, ""}},
		"over":      {time.Minute, waits, told{124, "error: gave up after 1m0s: wait for Deployment shop/web\ntry: --timeout=2m0s\n"}},
		"bare":      {time.Second, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, told{124, "error: gave up after 1s\ntry: --timeout=2s\n"}},
		"a request": {time.Second, func(ctx context.Context) error { <-ctx.Done(); return fmt.Errorf("list pods: %w", request(ctx.Err())) }, told{124, "error: gave up after 1s: list pods\ntry: --timeout=2s\n"}},
		"two at once": {time.Second, func(ctx context.Context) error {
			<-ctx.Done()
			return errors.Join(fmt.Errorf("list services: %w", ctx.Err()), fmt.Errorf("list pods: %w", request(ctx.Err())))
		}, told{124, "error: gave up after 1s: list services\n       list pods\ntry: --timeout=2s\n"}},
		"its own hint": {time.Second, func(ctx context.Context) error {
			<-ctx.Done()
			return fault.Failedf("stopped at 40 %%").Because(ctx.Err()).Try("kubectl micro canary resume")
		}, told{124, "error: gave up after 1s: stopped at 40 %\ntry: kubectl micro canary resume\n"}},
		"its own words": {time.Second, func(ctx context.Context) error {
			<-ctx.Done()
			return fault.New(fault.Timeout, "pods are not ready").Because(ctx.Err())
		}, told{124, "error: gave up after 1s: pods are not ready\ntry: --timeout=2s\n"}},
		"another error at the end": {time.Second, func(ctx context.Context) error { <-ctx.Done(); return errors.New("disk full") }, told{3, "error: disk full\n"}},
		"none": {0, func(ctx context.Context) error {
			if _, bounded := ctx.Deadline(); bounded {
				return errors.New("there is a deadline")
			}
			return nil
		}, told{0, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				flag := cli.TimeoutFlag{Timeout: tc.timeout}
				if diff := cmp.Diff(tc.want, tell(flag.Run(t.Context(), tc.run))); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestTimeoutFlag(t *testing.T) {
	flag := cli.TimeoutFlag{Timeout: time.Minute}
	if err := parse(func(fs *pflag.FlagSet) { flag.AddFlags(fs, "wait") }, "--timeout=5s"); err != nil || flag.Timeout != 5*time.Second {
		t.Error(err, flag)
	}
}
