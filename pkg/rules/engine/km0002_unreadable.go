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
A field of the wrong type, or with a number that it does not hold, is told by KM6006. A document that has nothing of an object (Chart.yaml, Helm
values, docker-compose.yaml, a workflow of GitHub) is the file of another program, and only a note; so is one without a name whose apiVersion is that of no
API (a kustomization, a configuration of kind, skaffold or the kubelet).`,
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
			f := emit(file(e.Where), "", "%s", strings.TrimSuffix(message, ": "+manifest.ErrNotObject.Error()))
			f.Hint = e.Hint
			if foreign(err) {
				f.Severity = finding.Info
				f.Message = manifest.ErrNotObject.Error() + ": " + f.Message
			}
			if e.Where != "" {
				f.Where = e.Where
			}
		}
	},
})

// foreign reports whether a document is none of Kubernetes' business: it has
// nothing of an object, or an apiVersion and a kind that no known API has, and no
// name. A kubeconfig says that it is v1, and is no object all the same.
func foreign(err error) bool {
	var x manifest.Unnamed
	if errors.As(err, &x) {
		return !schema.Served(x.APIVersion, x.Kind).Owned || x == manifest.Unnamed{APIVersion: "v1", Kind: "Config"}
	}
	return errors.Is(err, manifest.ErrForeign)
}

// misfits are the places of fields whose type or size does not fit, with those of the
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
			if p.Fault != schema.Type && p.Fault != schema.Range {
				continue
			}
			for at := p.Pointer; at != ""; at, _ = patch.Split(at) {
				out[o.Where(at)] = true
			}
		}
	}
	return out
}
