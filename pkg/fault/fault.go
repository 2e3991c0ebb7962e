// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package fault is the suite's typed error: what kind of failure it is, where
// it happened and what the user can type next. Every layer returns it; one
// function at the command line turns its kind into an exit code.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind classifies an error by what the caller of the command should do about
// it. The values are the exit codes documented for the suite.
type Kind int

// The kinds, with the exit code each stands for.
const (
	// Negative: the command worked and the answer is no (a finding, a difference, a denial).
	Negative Kind = 1
	// Usage: a bad flag, an unknown or ambiguous target.
	Usage Kind = 2
	// Failed: the work could not be done (API, I/O, forbidden, unreachable).
	Failed Kind = 3
	// Undecided: paused, inconclusive, no data.
	Undecided Kind = 4
	// Conflict: another writer holds or changed what was to be written.
	Conflict Kind = 5
	// Refused: a preflight check or an invariant said no; nothing was written.
	Refused Kind = 6
	// Timeout: the time given by the user ran out.
	Timeout Kind = 124
	// Interrupted: SIGINT.
	Interrupted Kind = 130
	// Terminated: SIGTERM.
	Terminated Kind = 143
)

// Error is a failure with its kind, an optional place and an optional hint.
type Error struct {
	// Kind decides the exit code.
	Kind Kind
	// Message says what was expected and what was found; lower case, no full stop.
	Message string
	// Where is the place of the fault: "file:line:column" or an object and field; may be empty.
	Where string
	// Hint is what to do next, usually a command ready to paste; may be empty
	// and may have several lines.
	Hint string
	// Silent errors carry only their kind: what there was to say is on stdout already.
	Silent bool
	// Cause is the wrapped error, may be nil.
	Cause error
}

// Error implements error as "where: message: cause"; the hint is not part of it.
func (e *Error) Error() string {
	var parts []string
	for _, p := range []string{e.Where, e.Message} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	if e.Cause != nil {
		parts = append(parts, e.Cause.Error())
	}
	return strings.Join(parts, ": ")
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New returns an error of kind k with a formatted message.
func New(k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Message: fmt.Sprintf(format, args...)}
}

// Usagef is New for a usage error.
func Usagef(format string, args ...any) *Error { return New(Usage, format, args...) }

// Failedf is New for work that could not be done.
func Failedf(format string, args ...any) *Error { return New(Failed, format, args...) }

// Refusedf is New for a refused write.
func Refusedf(format string, args ...any) *Error { return New(Refused, format, args...) }

// Conflictf is New for a lost race against another writer.
func Conflictf(format string, args ...any) *Error { return New(Conflict, format, args...) }

// Wrap returns an error of kind k with cause err; nil stays nil.
func Wrap(k Kind, err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: k, Message: fmt.Sprintf(format, args...), Cause: err}
}

// Silently is an error that only sets the exit code.
func Silently(k Kind) *Error { return &Error{Kind: k, Silent: true} }

// At sets the place and returns e.
func (e *Error) At(where string) *Error { e.Where = where; return e }

// Try sets the hint and returns e.
func (e *Error) Try(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// Because sets the cause and returns e.
func (e *Error) Because(err error) *Error { e.Cause = err; return e }

// KindOf returns the kind of err. Joined errors have the kind of their first
// typed member; an error without a type is Failed; nil has kind 0.
func KindOf(err error) Kind {
	if err == nil {
		return 0
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Failed
}

// All flattens errors.Join trees into the single errors to be printed, in order.
func All(err error) []error {
	if err == nil {
		return nil
	}
	if _, typed := err.(*Error); !typed {
		if many, ok := err.(interface{ Unwrap() []error }); ok {
			var out []error
			for _, e := range many.Unwrap() {
				out = append(out, All(e)...)
			}
			return out
		}
	}
	return []error{err}
}
