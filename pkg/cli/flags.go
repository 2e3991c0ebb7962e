// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// ScopeFlags say which objects of a kind are meant. The namespace itself is a
// global flag.
type ScopeFlags struct {
	// AllNamespaces is -A.
	AllNamespaces bool
	// Selector is -l.
	Selector string
}

// AddFlags adds -A and -l.
func (s *ScopeFlags) AddFlags(flags *pflag.FlagSet) {
	flags.BoolVarP(&s.AllNamespaces, "all-namespaces", "A", s.AllNamespaces,
		"Look into all namespaces, whatever the context's namespace or --namespace says")
	flags.StringVarP(&s.Selector, "selector", "l", s.Selector,
		"Label selector: supports '=', '==', '!=', 'in', 'notin' (e.g. -l key1=value1,key2=value2,key3 in (value3))")
}

// Scope returns the namespace, "" for all, and the selector.
func (s *ScopeFlags) Scope(f *Factory) (namespace string, selector labels.Selector, err error) {
	if selector, err = labels.Parse(s.Selector); err != nil {
		return "", nil, fault.Usagef("--selector %q", s.Selector).Because(err)
	}
	if s.AllNamespaces {
		return "", selector, nil
	}
	namespace, _, err = f.Namespace()
	return namespace, selector, err
}

// FileFlags name the files a command reads instead of, or over, a cluster.
type FileFlags struct {
	// Files are the values of -f: files, directories, URLs and "-" for standard input.
	Files []string
	// Kustomize is -k, a directory with a kustomization.
	Kustomize string
	// Recursive is -R: directories of -f with all below them.
	Recursive bool

	set *pflag.FlagSet
}

// AddFlags adds -f, -R and -k; verb says what happens to the files ("check").
func (f *FileFlags) AddFlags(flags *pflag.FlagSet, verb string) {
	f.set = flags
	flags.StringSliceVarP(&f.Files, "filename", "f", f.Files,
		"Files, directories or URLs with the manifests to "+verb+", - for standard input, instead of a cluster's objects")
	flags.BoolVarP(&f.Recursive, "recursive", "R", f.Recursive,
		"Process the directories used in -f, --filename recursively")
	flags.StringVarP(&f.Kustomize, "kustomize", "k", f.Kustomize,
		"Directory with a kustomization whose result to "+verb+"; cannot be used together with -f or -R")
	flags.Lookup("filename").Annotations = map[string][]string{cobra.BashCompFilenameExt: {"json", "yaml", "yml"}}
	flags.Lookup("kustomize").Annotations = map[string][]string{cobra.BashCompSubdirsInDir: {}}
}

// Given reports whether any file is named.
func (f *FileFlags) Given() bool { return len(f.Files) > 0 || f.Kustomize != "" }

// Validate reports flags that exclude each other.
func (f *FileFlags) Validate() error {
	switch {
	case slices.Contains(f.Files, "") || len(f.Files) == 0 && f.changed("filename") || f.Kustomize == "" && f.changed("kustomize"):
		return fault.Usagef("the value of -f or -k is empty: expected files, not the cluster instead").Try("is a variable unset?")
	case f.Kustomize != "" && len(f.Files) > 0:
		return fault.Usagef("-k and -f cannot be used together")
	case f.Recursive && len(f.Files) == 0:
		return fault.Usagef("-R needs a directory given by -f")
	}
	return nil
}

// changed reports whether a flag was given, with whatever value.
func (f *FileFlags) changed(name string) bool { return f.set != nil && f.set.Changed(name) }

// TimeoutFlag bounds how long a command may take, all in all.
type TimeoutFlag struct {
	// Timeout is the bound; zero is none.
	Timeout time.Duration
}

// AddFlags adds --timeout; what completes "how long to", as in "wait for the rollout".
func (t *TimeoutFlag) AddFlags(flags *pflag.FlagSet, what string) {
	flags.Var((*timeoutValue)(&t.Timeout), "timeout", "How long to "+what+" before giving up (e.g. 30s, 5m); 0 means forever")
}

// Run calls run with a context that ends after the timeout. What fails because
// of that end is an error of kind [fault.Timeout], exit code 124.
func (t *TimeoutFlag) Run(ctx context.Context, run func(context.Context) error) error {
	if t.Timeout <= 0 {
		return run(ctx)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, t.Timeout,
		fault.New(fault.Timeout, "gave up after %s", t.Timeout).Try("--timeout=%s", 2*t.Timeout))
	defer cancel()
	return ended(ctx, run(ctx))
}

// timeoutValue is --timeout as pflag sees it.
type timeoutValue time.Duration

func (t *timeoutValue) Set(s string) error {
	d, err := time.ParseDuration(s)
	if err == nil && d < 0 {
		err = errors.New("must not be negative")
	}
	if err != nil {
		return err
	}
	*t = timeoutValue(d)
	return nil
}

func (t *timeoutValue) String() string { return time.Duration(*t).String() }

func (t *timeoutValue) Type() string { return "duration" }

// colorFlag is --color.
type colorFlag struct{ Mode render.ColorMode }

// AddFlags adds --color.
func (c *colorFlag) AddFlags(flags *pflag.FlagSet) {
	if c.Mode == "" {
		c.Mode = render.ColorAuto
	}
	EnumVar(flags, &c.Mode, "color", "", "Colour the output; auto does on a terminal and honours NO_COLOR",
		render.ColorAuto, render.ColorAlways, render.ColorNever)
}

// palette decides for a stream that wants colour, or does not, by itself.
func (c *colorFlag) palette(wanted bool) render.Palette {
	mode := c.Mode
	if mode != render.ColorAlways && mode != render.ColorNever {
		mode = render.ColorNever
		if wanted {
			mode = render.ColorAlways
		}
	}
	return render.Colors(mode, nil)
}
