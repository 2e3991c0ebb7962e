// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package verdict is how the suite says whether a request gets through: hop by
// hop in the order of the packet, with the object and the rule that decide, and
// with "unknown" as an answer.
package verdict

import "github.com/kubectl-micro/kubectl-micro/pkg/ref"

// Verdict is the answer of a hop, or of a whole path.
type Verdict int

// The verdicts. None means that the hop has no say: no policy selects the pod,
// there is no proxy. Unknown means that nobody could tell from what was read.
const (
	None Verdict = iota
	Allow
	Unknown
	Deny
)

// String returns "none", "allow", "unknown" or "deny".
func (v Verdict) String() string {
	switch v {
	case Allow:
		return "allow"
	case Unknown:
		return "unknown"
	case Deny:
		return "deny"
	}
	return "none"
}

// MarshalText writes the verdict as its name.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Decider is an object, one of its rules and why it decides as it does.
type Decider struct {
	// Object is the policy; the zero Ref where no object decides but a default.
	Object ref.Ref
	// Pointer is the JSON Pointer of the rule or field, empty for the object.
	Pointer string
	// Where is file:line:col, or the object and field of a live one.
	Where string
	// Rule names the rule for people: "rule 1", "rules 1 and 3", "no rule".
	Rule string
	// Reason is what it says, a few words: "podSelector app=frontend".
	Reason string
}

// Miss is a rule that would have let the request through but for some fields.
type Miss struct {
	Decider
	// Wants and Has are what the rule asks for and what the request brings, one
	// line for each field that differs, in the same order.
	Wants, Has []string
}

// Hop is one station of a path.
type Hop struct {
	// Number is the station's place in the order of the packet (see Numbers).
	Number Number
	// Name is the layer: "NetworkPolicy egress", "mTLS".
	Name string
	// Verdict is the hop's answer.
	Verdict Verdict
	// Decider says who decided. Of a hop that allows by default it has a Reason only.
	Decider
	// Only is true when the Decider is the only one that lets the request
	// through: without it the answer would be no.
	Only bool
	// Open is what the question left open and the answer hangs on: "method",
	// "path". Some requests get through and others do not; Reason says which.
	Open []string
	// Nearest are the rules that miss by the fewest fields, of a hop that denies.
	Nearest []Miss
	// ID is the rule of the registry that explains a denial ("KM9007"); may be empty.
	ID string
	// Notes are what should be known besides: what the answer rests on, traps on
	// the way. One sentence each, without a full stop.
	Notes []string
	// Fix is what to change so that a denial goes, in words; may be empty.
	Fix string
}

// Number is the place of a hop on the way.
type Number int

// Numbers of the hops, in the order of the packet.
const (
	Source Number = iota + 1
	Name
	EgressScope
	Route
	Destination
	Port
	NetworkPolicy
	MTLS
	JWT
	Authorization
	Arrival
)

// Of is the verdict over hops: the first denial decides; without one, a hop that
// is unknown leaves the whole unknown; else the request gets through.
func Of(hops []Hop) Verdict {
	out := Allow
	for _, h := range hops {
		if h.Verdict == Deny {
			return Deny
		}
		if h.Verdict == Unknown {
			out = Unknown
		}
	}
	return out
}

// First returns the first hop that has the verdict.
func First(hops []Hop, v Verdict) (Hop, bool) {
	for _, h := range hops {
		if h.Verdict == v {
			return h, true
		}
	}
	return Hop{}, false
}
