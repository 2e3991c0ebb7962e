// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package finding is what a check says about the world: which rule, how bad,
// where, on what evidence and what to do about it.
package finding

import (
	"fmt"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Severity orders findings; the zero value is Info.
type Severity int

// The severities. An Error is broken now or would be after the change that is
// being checked; a Warning may be what its author wants; Info is a fact.
const (
	Info Severity = iota
	Warning
	Error
)

// String returns "info", "warning" or "error".
func (s Severity) String() string {
	switch s {
	case Warning:
		return "warning"
	case Error:
		return "error"
	}
	return "info"
}

// MarshalText writes the severity as its name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *Severity) UnmarshalText(text []byte) error {
	for _, known := range []Severity{Info, Warning, Error} {
		if known.String() == string(text) {
			*s = known
			return nil
		}
	}
	return fmt.Errorf("severity %q is not one of info, warning, error", text)
}

// Finding is one result of one rule on one object.
type Finding struct {
	// ID is the rule's stable id, KM followed by four digits.
	ID string
	// Severity says how bad it is.
	Severity Severity
	// Object is what the finding is about.
	Object ref.Ref
	// Where is the place for people: file:line:column, or object and field.
	Where string
	// Message is one sentence without a full stop.
	Message string
	// Hint is what to type or change; may have several lines.
	Hint string
}
