// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package schema holds raw objects against the schemas of their APIs, without a
// network: those of Kubernetes, Istio, the Gateway API and the Prometheus
// Operator are in the program.
//
// Decoding into Go types cannot do this. It drops what it does not know, so that
// a misspelt field, or one in the wrong place, is gone without a word.
//
// Check says where an object departs from its schema. Deprecated says what of it
// Istio's own definitions call deprecated. Served says what becomes of its
// apiVersion. All three take what package manifest and the dynamic client decode
// into: map[string]any, []any, string, bool, int64, float64 and nil.
//
// A wrong alarm costs more than a missed one. Where a schema and an API server
// differ, the wider of the two counts; patterns, formats, CEL rules and the
// choices of oneOf are left to the server. A null counts as absent, as it does
// for the server.
//
// Command gen-schema writes the table of schemas out of the Go modules of the
// projects that publish them.
package schema

import "slices"

// Fault is the way in which an object departs from its schema.
type Fault int

// The faults.
const (
	// Unknown is a field that the schema does not have: a server rejects or drops
	// it.
	Unknown Fault = iota
	// Type is a value of another type: a number where text is expected.
	Type
	// Enum is a value that is none of those that are allowed.
	Enum
	// Missing is a required field that is not there.
	Missing
	// Range is a whole number outside of the bounds.
	Range
)

// String returns "unknown field", "wrong type", "unknown value", "missing field" or
// "out of range".
func (f Fault) String() string {
	return [...]string{"unknown field", "wrong type", "unknown value", "missing field", "out of range"}[f]
}

// Problem is one place where an object departs from its schema.
type Problem struct {
	Fault Fault
	// Pointer is the JSON Pointer of the field in the object; for Missing, of the
	// mapping that lacks it.
	Pointer string
	// Field is the name of the field. For an item of a list it is the name of the
	// list.
	Field string
	// Expected and Found describe a value for people: "a whole number", "the text
	// \"8080\"". For Unknown, Expected is empty; for Missing, Found is.
	Expected, Found string
	// Suggest is what was probably meant: for Unknown a field of the same mapping
	// that is not in use yet, for Enum an allowed value. Empty if nothing is near.
	Suggest string
	// Becomes is for Type the same value in the type that is expected: "8080" for
	// 8080, or 80 for "80". Nil if there is none.
	Becomes any
	// At is for Unknown where Suggest is empty: places in the same kind where a
	// field of this name belongs, as paths with [] for lists, such as
	// "spec.trafficPolicy.connectionPool.http.idleTimeout". If there are none and
	// the value is a mapping, the places where the fields inside it belong. At most
	// three, nearest to the top first.
	At []string
}

// Known reports whether Check has a schema for a kind.
func Known(apiVersion, kind string) bool {
	k, found := loaded().kinds[typeMeta{apiVersion, kind}]
	return found && k.node >= 0
}

// Kinds lists every version of every kind that there is, as pairs of apiVersion
// and kind, sorted.
func Kinds() [][2]string {
	var all [][2]string
	for k := range loaded().kinds {
		all = append(all, [2]string{k.apiVersion, k.kind})
	}
	slices.SortFunc(all, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	return all
}
