// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package finding is what linters say, whichever they are, and which of it is
// accepted.
package finding

import (
	"fmt"
	"path"
)

// Finding is what a linter has against an object.
type Finding struct {
	// Linter is the name of the linter, Check its own name for what it looks at.
	Linter, Check string
	// Object is KIND/NAME, or a file.
	Object string
	// Message is in the linter's words.
	Message string
}

func (f Finding) String() string {
	return fmt.Sprintf("%s %s: %s: %s", f.Linter, f.Check, f.Object, f.Message)
}

// Linter judges a stream of YAML documents. The error says that it could not.
type Linter func(stream []byte) ([]Finding, error)

// Exemption accepts findings, for a reason.
type Exemption struct {
	// Linter and Check are those of the findings.
	Linter, Check string
	// Set and Object are patterns, as path.Match has them.
	Set, Object string
	// Reason is why the linter is not right here.
	Reason string
}

// Ledger tells findings that are accepted from others, and remembers which
// exemptions were of use.
type Ledger struct {
	exemptions []Exemption
	used       []bool
}

// NewLedger starts with none of the exemptions used.
func NewLedger(exemptions []Exemption) *Ledger {
	return &Ledger{exemptions: exemptions, used: make([]bool, len(exemptions))}
}

// Open returns the findings of a set that no exemption accepts. A pattern that
// cannot be read is an error.
func (l *Ledger) Open(set string, found []Finding) ([]Finding, error) {
	var open []Finding
	for _, f := range found {
		accepted := false
		for i, e := range l.exemptions {
			inSet, err := path.Match(e.Set, set)
			if err != nil {
				return nil, fmt.Errorf("exemption %d: set %q: %w", i, e.Set, err)
			}
			ofObject, err := path.Match(e.Object, f.Object)
			if err != nil {
				return nil, fmt.Errorf("exemption %d: object %q: %w", i, e.Object, err)
			}
			if inSet && ofObject && e.Linter == f.Linter && e.Check == f.Check {
				l.used[i], accepted = true, true
			}
		}
		if !accepted {
			open = append(open, f)
		}
	}
	return open, nil
}

// Unused are the exemptions that accepted nothing, and so are to be removed.
func (l *Ledger) Unused() []Exemption {
	var out []Exemption
	for i, e := range l.exemptions {
		if !l.used[i] {
			out = append(out, e)
		}
	}
	return out
}
