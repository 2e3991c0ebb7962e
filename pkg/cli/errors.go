// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// brokenPipe is the exit code of a process that SIGPIPE ended, as a shell sees it.
const brokenPipe fault.Kind = 141

// ExitCode maps an error to the suite's exit code; nil is 0. Errors without a
// kind are read as client-go's: a conflict is 5, a timeout 124, anything else
// that comes from a cluster or from the system 3. Joined errors have the code
// of the first.
func ExitCode(err error) int {
	all := fault.All(err)
	if len(all) == 0 {
		return 0
	}
	return int(explain(all[0]).Kind)
}

// Report tells an error on stderr: "error: where: what", and below it what to
// do next, "try: ...", as Again has it. Joined errors are told one after the other.
func (f *Factory) Report(err error) {
	for _, one := range fault.All(err) {
		e := explain(one)
		if e.Silent {
			continue
		}
		var b strings.Builder
		tell(&b, "error: ", e.Message)
		tell(&b, "try: ", f.Again(e.Hint))
		fmt.Fprint(f.Streams.ErrOut, b.String())
	}
}

// Hint tells only what to do about an error: of one that does not end the command.
func (f *Factory) Hint(err error) {
	for _, one := range fault.All(err) {
		var b strings.Builder
		tell(&b, "try: ", f.Again(explain(one).Hint))
		fmt.Fprint(f.Streams.ErrOut, b.String())
	}
}

// tell writes text with a prefix before its first line; the others are
// indented below it. Hints of several lines are several things to try, but
// each of them is one line to paste, so they line up all the same.
func tell(b *strings.Builder, prefix, text string) {
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimRight(prefix+render.Sanitise(strings.TrimRight(line, "\n")), " "))
		b.WriteByte('\n')
		prefix = strings.Repeat(" ", len(prefix))
	}
}

// explain reads an error the way a person should: with client-go's part of it
// in words, its kind, and a hint.
func explain(err error) *fault.Error {
	out := &fault.Error{Kind: fault.Failed, Message: err.Error()}
	if stdoutClosed(err) {
		return &fault.Error{Kind: brokenPipe, Silent: true}
	}
	said, known := translate(err)
	if known {
		out.Kind, out.Hint = said.kind, said.hint
		out.Message = strings.Replace(out.Message, said.leaf.Error(), said.text, 1)
	}
	var typed *fault.Error
	if errors.As(err, &typed) {
		out.Silent = typed.Silent
		if typed.Kind != fault.Failed {
			out.Kind = typed.Kind
		}
		if typed.Hint != "" {
			out.Hint = typed.Hint
		}
	}
	return out
}

// stdoutClosed reports a write to a pipe nobody reads any more. A connection
// to a server can break with the same errno, but that is no file's error.
func stdoutClosed(err error) bool {
	var file *fs.PathError
	return errors.As(err, &file) && file.Op == "write" && errors.Is(file.Err, syscall.EPIPE)
}

// ended gives an error that comes from the end of ctx the kind and the words of
// that end's cause: a signal, or a timeout the user asked for. What the command
// was doing stays in the message, and its hint outranks the cause's.
func ended(ctx context.Context, err error) error {
	var cause, typed *fault.Error
	if err == nil || ctx.Err() == nil || !errors.As(context.Cause(ctx), &cause) {
		return err
	}
	leaves := []error{context.Canceled, context.DeadlineExceeded, cause}
	if !slices.ContainsFunc(leaves, func(leaf error) bool { return errors.Is(err, leaf) }) {
		return err
	}
	out := &fault.Error{Kind: cause.Kind, Message: cause.Message, Hint: cause.Hint}
	if errors.As(err, &typed) && typed != cause {
		out.Hint = cmp.Or(typed.Hint, out.Hint)
	}
	var request *url.Error
	if errors.As(err, &request) {
		leaves = slices.Insert(leaves, 0, error(request)) // it ends with one of the others
	}
	lines := strings.Split(err.Error(), "\n") // of joined errors, several
	for i := range lines {
		for _, leaf := range leaves {
			lines[i] = strings.TrimSuffix(lines[i], leaf.Error())
		}
		lines[i] = strings.TrimRight(lines[i], ": ")
	}
	if doing := strings.TrimRight(strings.Join(lines, "\n"), ": \n"); doing != "" {
		out.Message += ": " + doing
	}
	return out
}
