// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	kresource "k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// unread is what to say when an object was written but cannot be read back.
func unread(object ref.Ref, err error) error {
	if apierrors.IsNotFound(err) {
		return fault.Conflictf("%s was written and has been deleted since", object).Because(err)
	}
	return fault.Wrap(fault.KindOf(err), err, "%s was written, but what became of it is not known", object)
}

// differing returns one conflict for each leaf that does not have the value
// that was written.
func differing(w written, live map[string]any, self string) error {
	var faults []error
	leaves := slices.Clone(w.leaves)
	slices.Sort(leaves)
	for _, leaf := range slices.Compact(leaves) {
		if _, last := patch.Split(leaf); last == "-" {
			continue // the end of a list has no address once something is there
		}
		want, wantErr := patch.Get(w.after, leaf)
		got, gotErr := patch.Get(live, leaf)
		if wantErr != nil && gotErr != nil {
			continue // gone, as it should be
		}
		if wantErr == nil && gotErr == nil && covers(got, want) {
			continue
		}
		faults = append(faults, fault.Conflictf("%s was written as %s and is %s now: %s",
			leaf, show(want, wantErr), show(got, gotErr), culprit(live, leaf, self)).At(w.object.String()).
			Try("kubectl get %s --show-managed-fields -o yaml", address(w.object)))
	}
	return errors.Join(faults...)
}

// covers reports whether a live value is what was written. The server may add
// defaults to an object and spell a quantity in its own way.
func covers(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		for k, v := range want {
			g, found := got[k]
			ok = ok && (found || v == nil) && covers(g, v)
		}
		return ok
	case []any:
		got, ok := got.([]any)
		return ok && slices.EqualFunc(got, want, covers)
	case string:
		got, ok := got.(string)
		return ok && (got == want || sameQuantity(got, want))
	}
	return patch.Equal(got, want)
}

func sameQuantity(a, b string) bool {
	x, errX := kresource.ParseQuantity(a)
	y, errY := kresource.ParseQuantity(b)
	return errX == nil && errY == nil && x.Cmp(y) == 0
}

// difference returns the first field, in the order of names, at which two
// documents differ.
func difference(a, b any, at string) (pointer string, differs bool) {
	x, isMap := a.(map[string]any)
	y, both := b.(map[string]any)
	if !isMap || !both {
		return at, !patch.Equal(a, b)
	}
	names := slices.AppendSeq(slices.Collect(maps.Keys(x)), maps.Keys(y))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if p, differs := difference(x[name], y[name], patch.Join(at, name)); differs {
			return p, true
		}
	}
	return at, false
}

// show prints a value for a message; err says that there is none.
func show(v any, err error) string {
	if err != nil {
		return "absent"
	}
	const most = 120
	text, jsonErr := json.Marshal(v)
	if jsonErr != nil || len(text) > most {
		return fmt.Sprintf("a value of %d bytes", len(text))
	}
	return string(text)
}

// address is an object as kubectl's arguments.
func address(object ref.Ref) string {
	name := typed(object)
	if object.Namespace == "" {
		return name
	}
	return name + " -n " + object.Namespace
}

// version is the resourceVersion of an object.
func version(object map[string]any) string { return text(object, "metadata", "resourceVersion") }

// identity is the uid of an object.
func identity(object map[string]any) string { return text(object, "metadata", "uid") }
