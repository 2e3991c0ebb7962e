// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package finding is what a check says about the world: which rule, how bad,
// where, on what evidence and what to do about it.
package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

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

// Confidence says how sure a finding is; the zero value is Certain, so that a
// rule that cannot know has to say so.
type Confidence int

// The confidences. Likely findings rest on what is usual, Possible ones on
// what was not in view: a set of files need not be the whole world.
const (
	Certain Confidence = iota
	Likely
	Possible
)

// String returns "certain", "likely" or "possible".
func (c Confidence) String() string {
	switch c {
	case Likely:
		return "likely"
	case Possible:
		return "possible"
	}
	return "certain"
}

// MarshalText writes the confidence as its name.
func (c Confidence) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// State says whether the fault hurts already; the zero value is Broken.
type State int

// The states. Latent faults wait for an event (the next restart, the next
// drain); Progressing ones may go away by themselves.
const (
	Broken State = iota
	Progressing
	Latent
)

// String returns "broken", "progressing" or "latent".
func (s State) String() string {
	switch s {
	case Progressing:
		return "progressing"
	case Latent:
		return "latent"
	}
	return "broken"
}

// MarshalText writes the state as its name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Evidence is one observation a finding rests on.
type Evidence struct {
	// Kind is "field", "event", "condition", "status", "log" or "absence".
	Kind string
	// Of is where it was seen: an object, or an object and field.
	Of string
	// Value is what was seen, one line or a few.
	Value string
	// Time is when, zero if it has none.
	Time time.Time
}

// Finding is one result of one rule on one object.
type Finding struct {
	// ID is the rule's stable id, KM followed by four digits.
	ID string
	// Severity says how bad it is, Confidence how sure, State whether it hurts now.
	Severity   Severity
	Confidence Confidence
	State      State
	// Object is what the finding is about: what somebody would have to change,
	// or the workload rather than each of its pods.
	Object ref.Ref
	// Pointer is the JSON Pointer of the field in the object; empty for the whole.
	Pointer string
	// Where is the place for people: file:line:column, or object and field.
	Where string
	// Message is one sentence without a full stop.
	Message string
	// Reason is the part of the message that stays the same while counts, ages
	// and generated names in it change; the message itself if empty. It is what
	// a baseline remembers.
	Reason string
	// Hint is what to type or change; may have several lines.
	Hint string
	// Evidence is what the finding rests on, the strongest first.
	Evidence []Evidence
	// Related are the other objects that have a part in it: what is selected,
	// mounted, routed to, missing. Causes are found through them.
	Related []ref.Ref
	// Explains narrows what the rule says it may explain, where one finding of it
	// may be the cause of less than another; all that the rule says if empty.
	Explains []string
	// Pods are the names of the live pods that show it, and Of how many there are.
	Pods []string
	Of   int
	// Since is when it began, zero if that is not known.
	Since time.Time
}

// Fingerprint is equal for the same fault at another time: of the rule, the
// object, the field and the reason, without counts, times and pod names. It has
// 16 hexadecimal digits.
func (f Finding) Fingerprint() string {
	reason := f.Reason
	if reason == "" {
		reason = f.Message
	}
	h := sha256.New()
	for _, part := range []string{f.ID, f.Object.Group, f.Object.Kind, f.Object.Namespace, f.Object.Name, f.Pointer, reason} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
