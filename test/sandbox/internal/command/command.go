// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package command is the command line of the sandbox: up, down, status, kubeconfig, load and crds.
package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/plane"
)

// Exit codes, a subset of the suite's.
const (
	exitOK          = 0
	exitNo          = 1 // status: the sandbox is not running
	exitUsage       = 2
	exitFailed      = 3
	exitInterrupted = 130
)

// errNo makes status answer no.
var errNo = errors.New("not running")

// usageError is a mistake on the command line.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// env is what a command gets from its caller.
type env struct {
	out, progress io.Writer
}

// verb is a sub-command: it declares its flags and returns what to do once they are parsed.
type verb struct {
	summary string
	declare func(*flag.FlagSet) func(context.Context, env) error
}

var verbs = map[string]verb{
	"up":         {"start a sandbox, or find it running, and print the path of its kubeconfig", up},
	"down":       {"end a sandbox and remove its directory", down},
	"status":     {"tell which processes of a sandbox run; exits 1 when it is not running", status},
	"kubeconfig": {"print a kubeconfig for the administrator or any other user", kubeconfig},
	"load":       {"create a deterministic world of namespaces, services and pods", load},
	"crds":       {"collect the CRDs that `up` installs", crds},
}

// hidden verbs are called by the sandbox itself.
var hidden = map[string]verb{"supervise": {"run the supervisor of a sandbox", supervise}}

// Run executes a command line without the program's name and returns the exit code: 0 done, 1 not running (status),
// 2 usage, 3 could not do it, 130 interrupted.
func Run(ctx context.Context, args []string, out, progress io.Writer) int {
	err := dispatch(ctx, args, env{out, progress})
	var usage usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.Is(err, errNo):
		return exitNo
	case errors.As(err, &usage):
		fmt.Fprintf(progress, "sandbox: %v\n", err)
		return exitUsage
	case ctx.Err() != nil:
		fmt.Fprintln(progress, "sandbox: interrupted")
		return exitInterrupted
	}
	fmt.Fprintf(progress, "sandbox: %v\n", err)
	return exitFailed
}

func dispatch(ctx context.Context, args []string, e env) error {
	if len(args) == 0 || slices.Contains([]string{"help", "-h", "--help"}, args[0]) {
		printUsage(e.progress)
		return nil
	}
	v, ok := verbs[args[0]]
	if !ok {
		v, ok = hidden[args[0]]
	}
	if !ok {
		return usagef("unknown command %q, expected one of %s", args[0], strings.Join(names(), ", "))
	}
	flags := flag.NewFlagSet("sandbox "+args[0], flag.ContinueOnError)
	flags.SetOutput(e.progress)
	do := v.declare(flags)
	if err := flags.Parse(args[1:]); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return usageError{err}
	}
	if flags.NArg() > 0 {
		return usagef("%s takes no arguments, found %q", args[0], flags.Arg(0))
	}
	return do(ctx, e)
}

func names() []string {
	var all []string
	for name := range verbs {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

func printUsage(out io.Writer) {
	fmt.Fprintln(out, "usage: sandbox COMMAND [flags]; every command has --help")
	for _, name := range names() {
		fmt.Fprintf(out, "  %-10s  %s\n", name, verbs[name].summary)
	}
}

// target are the flags that choose a sandbox.
type target struct{ name, dir string }

func (t *target) declare(flags *flag.FlagSet) {
	flags.StringVar(&t.name, "name", "default", "`NAME` of the sandbox")
	flags.StringVar(&t.dir, "dir", "", "`DIR` of the sandbox (default: one for its name in the temporary directory)")
}

var nameSyntax = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// resolve returns the directory as an absolute path.
func (t target) resolve() (plane.Dir, error) {
	if !nameSyntax.MatchString(t.name) {
		return "", usagef("expected a name of lower case letters, digits and dashes, found %q", t.name)
	}
	if t.dir == "" {
		return plane.DefaultDir(t.name), nil
	}
	dir, err := filepath.Abs(t.dir)
	return plane.Dir(dir), err
}

// notFound explains that there is no sandbox in a directory.
func notFound(d plane.Dir, err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("found no sandbox in %s, start one with `sandbox up`", d)
	}
	return err
}
