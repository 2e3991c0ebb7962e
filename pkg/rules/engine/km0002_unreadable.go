// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"errors"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
)

var _ = family.Add(rules.Rule{
	ID: "KM0002", Slug: "unreadable", Severity: finding.Error,
	Short: "Document or object cannot be read",
	Why: `The file or document is no YAML or JSON, no Kubernetes object, or has a field whose contents do
not fit. kubectl refuses it, and nothing in it was checked: other findings may wait behind this one.
A field of the wrong type is told by KM6006. A document that has nothing of an object is most likely
the file of another program, and only a warning.`,
	Fix: `Mend the place that is named. Templates (Helm, envsubst) have to be filled in first: pipe their
output to "kubectl micro diagnose -f -".`,
	Reference: "https://kubernetes.io/docs/concepts/overview/working-with-objects/",
	Check: func(w *rules.World, emit rules.Emit) {
		if len(w.Unread) == 0 {
			return
		}
		told := misfits(w)
		for _, err := range w.Unread {
			var e *fault.Error
			if !errors.As(err, &e) {
				e = &fault.Error{Message: err.Error()}
			}
			if told[e.Where] {
				continue
			}
			message := strings.TrimPrefix(e.Error(), e.Where+": ")
			f := emit(file(e.Where), "", "%s", strings.TrimSuffix(message, ": not a Kubernetes object"))
			f.Hint = e.Hint
			if errors.Is(err, manifest.ErrForeign) {
				f.Severity = finding.Warning
			}
			if e.Where != "" {
				f.Where = e.Where
			}
		}
	},
})

// misfits are the places of fields whose type does not fit, with those of the
// fields around them, as far as the rule about schemas reports them: a decoder
// names the outer field where that rule names the item of a list.
func misfits(w *rules.World) map[string]bool {
	out := map[string]bool{}
	for _, o := range slices.Concat(w.Objects(), w.Shadowed()) {
		if o.Live() && !w.Offline {
			continue // nobody wrote it, so that rule is silent about it
		}
		problems, _ := schema.Check(o.Raw())
		for _, p := range problems {
			if p.Fault != schema.Type {
				continue
			}
			for at := p.Pointer; at != ""; at, _ = patch.Split(at) {
				out[o.Where(at)] = true
			}
		}
	}
	return out
}
