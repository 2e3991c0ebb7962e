// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
)

// ExternalDiffVar is kubectl's variable that names a diff program.
const ExternalDiffVar = "KUBECTL_EXTERNAL_DIFF"

// Names of the two sides, as in kubectl diff.
const (
	liveSide   = "LIVE"
	mergedSide = "MERGED"
)

// DiffSink shows what a plan would change and writes nothing. It keeps kubectl
// diff's contract: no error (exit 0) without differences, a silent
// [fault.Negative] (exit 1) with some, another kind (exit above 1) when it
// could not tell. Objects are compared as YAML without managedFields; values
// of Secrets are masked.
type DiffSink struct {
	// Out takes the diff, ErrOut what an external program has to say.
	Out, ErrOut io.Writer
	// Palette colours the built-in diff.
	Palette Palette
	// External is the value of KUBECTL_EXTERNAL_DIFF: a command and its flags,
	// separated by blanks. As in kubectl, words with characters other than
	// letters, digits, "-" and "=" are dropped. Empty uses the built-in diff.
	External string
	// Run runs the external program and returns its exit code; nil runs it for
	// real. An error means that the program could not run.
	Run Runner
}

// Runner runs a program with its output connected and returns its exit code.
type Runner func(ctx context.Context, out, errOut io.Writer, name string, args ...string) (int, error)

var _ plan.Sink = DiffSink{}

// pair is an object's file name and its YAML before and after; the YAML of a
// side on which it does not exist is empty.
type pair struct{ name, before, after string }

// Do shows the differences. Its outcomes hold the objects as they would be.
func (d DiffSink) Do(ctx context.Context, p plan.Plan) ([]plan.Outcome, error) {
	var outcomes []plan.Outcome
	var pairs []pair
	for _, change := range p.Changes {
		outcomes = append(outcomes, plan.Outcome{Object: change.Object, Result: change.After})
		one, err := newPair(change)
		if err != nil {
			return nil, err
		}
		if one.before != one.after {
			pairs = append(pairs, one)
		}
	}
	if len(pairs) == 0 {
		return outcomes, nil
	}
	if d.External != "" {
		return outcomes, d.external(ctx, pairs)
	}
	for _, one := range pairs {
		text := Unified(filepath.Join(liveSide, one.name), one.before, filepath.Join(mergedSide, one.name), one.after)
		if _, err := io.WriteString(d.Out, d.colour(text)); err != nil {
			return nil, err
		}
	}
	return outcomes, fault.Silently(fault.Negative)
}

func newPair(change plan.Change) (pair, error) {
	before, after := maskSecret(withoutManagedFields(change.Before), withoutManagedFields(change.After))
	one := pair{name: fileName(change)}
	for _, side := range []struct {
		object map[string]any
		text   *string
	}{{before, &one.before}, {after, &one.after}} {
		if side.object == nil {
			continue
		}
		text, err := yaml.Marshal(side.object)
		if err != nil {
			return pair{}, fault.Wrap(fault.Failed, err, "write %s as YAML", change.Object)
		}
		*side.text = string(text)
	}
	return one, nil
}

// fileName is kubectl diff's "group.version.kind.namespace.name". Names come
// from files too, where nothing has checked them yet: a separator in one must
// not lead out of the directory, nor an escape code onto the terminal.
func fileName(change plan.Change) string {
	o := change.Object
	name := strings.Join([]string{o.Version, o.Kind, o.Namespace, o.Name}, ".")
	if o.Group != "" {
		name = o.Group + "." + name
	}
	return strings.NewReplacer("/", "_", `\`, "_").Replace(Sanitise(name))
}

func (d DiffSink) colour(text string) string {
	if !d.Palette.Enabled() {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		style := map[byte]Style{'-': d.Palette.Red, '+': d.Palette.Green, '@': d.Palette.Cyan}[line[0]]
		switch {
		case strings.HasPrefix(line, "--- ") || strings.HasPrefix(line, "+++ "):
			line = d.Palette.Bold(line)
		case style != nil:
			line = style(line)
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// external writes both sides into temporary directories, as kubectl diff does,
// and leaves the comparison to the program.
func (d DiffSink) external(ctx context.Context, pairs []pair) (err error) {
	dirs := make([]string, 2)
	for i, side := range []string{liveSide, mergedSide} {
		if dirs[i], err = os.MkdirTemp("", side+"-"); err != nil {
			return fault.Wrap(fault.Failed, err, "make a directory for the diff")
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dirs[i])) }()
	}
	for _, one := range pairs {
		for i, text := range []string{one.before, one.after} {
			if err := os.WriteFile(filepath.Join(dirs[i], one.name), []byte(text), 0o600); err != nil {
				return fault.Wrap(fault.Failed, err, "write the diff's files")
			}
		}
	}
	run := d.Run
	if run == nil {
		run = execute
	}
	name, args := command(d.External)
	code, err := run(ctx, d.Out, d.ErrOut, name, append(dirs, args...)...)
	switch {
	case err != nil:
		return fault.New(fault.Failed, "run %q", name).Because(err).
			Try("unset %s, or set it to a diff program", ExternalDiffVar)
	case code == 0:
		return nil // the program may see less than a byte comparison does
	case code == 1:
		return fault.Silently(fault.Negative)
	}
	return fault.Failedf("%q exited with code %d; a diff program answers 0 or 1", name, code).
		Try("unset %s, or set it to a diff program", ExternalDiffVar)
}

var harmless = regexp.MustCompile(`^[a-zA-Z0-9=-]+$`)

func command(external string) (name string, args []string) {
	words := strings.Split(external, " ")
	for _, word := range words[1:] {
		if harmless.MatchString(word) {
			args = append(args, word)
		}
	}
	return words[0], args
}

func execute(ctx context.Context, out, errOut io.Writer, name string, args ...string) (int, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = out, errOut
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		return exit.ExitCode(), nil
	}
	return 0, err
}
