// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifests

import (
	"fmt"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM6013", Slug: "node-keys", Severity: finding.Warning,
	Short: "Label or taint of nodes that was renamed or dropped",
	Why: `Kubernetes has renamed many of the labels and taints that it puts on nodes. A nodeSelector or
a required node affinity that asks for one that nodes do not have any more leaves the pods Pending; a
toleration of such a taint tolerates nothing. The labels with beta in their name are still there, as
long as somebody keeps setting them.`,
	Fix:       `Use the present name.`,
	Reference: "https://kubernetes.io/docs/reference/labels-annotations-taints/",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.Nodes.Kind}),
	Explains:  []string{"KM1008", "KM1009"},
	Check:     checkNodeKeys,
	Repair:    repairNodeKey,
})

func checkNodeKeys(w *rules.World, emit rules.Emit) {
	carried := map[string]bool{}
	for _, n := range ofKind(w, model.Nodes.Kind) {
		for key := range n.Meta().GetLabels() {
			carried[key] = true
		}
	}
	for _, kind := range slices.Concat(model.WorkloadKinds, []*model.Kind{model.Nodes.Kind}) {
		for _, o := range ofKind(w, kind) {
			if made(o) || o.Live() && !chooses(w, o) {
				continue
			}
			for _, u := range usesOf(o) {
				k, isOld := u.old()
				if !isOld {
					continue
				}
				f := emit(o, u.at, "%s", u.sentence(k))
				if k.gone == "" || carried[u.key] && !u.taint {
					f.Severity, f.State = finding.Info, finding.Latent
				} else {
					f.Confidence = finding.Likely // somebody may have set it by hand
				}
				if k.now+k.near != "" {
					f.Hint = "use " + k.now + k.near
				}
			}
		}
	}
}

// made reports whether a controller made the object: then the controller's own
// template is what has to change.
func made(o *model.Object) bool {
	return len(o.Meta().GetOwnerReferences()) > 0
}

// chooses reports whether the pods of a live object choose their nodes at all.
// Most do not, and need not be turned into maps to find that out.
func chooses(w *rules.World, o *model.Object) bool {
	wl, ok := w.Workload(o.Ref)
	if !ok || wl.Object != o {
		return true
	}
	s := wl.Spec()
	return len(s.NodeSelector)+len(s.Tolerations)+len(s.TopologySpreadConstraints) > 0 || s.Affinity != nil
}

func usesOf(o *model.Object) []keyUse {
	if o.Ref.GroupKind() == model.Nodes.GroupKind {
		return listed(mapping(o.Raw(), "/spec")["taints"], "/spec/taints")
	}
	at := templates[o.Ref.GroupKind()] + "/spec"
	return keyUses(mapping(o.Raw(), at), at)
}

func (u keyUse) sentence(k nodeKey) string {
	what := "label"
	if u.taint {
		what = "taint"
	}
	if k.gone != "" {
		return fmt.Sprintf("Kubernetes puts no %s %s on nodes %s", what, u.key, k.gone)
	}
	return fmt.Sprintf("the %s %s of nodes is deprecated", what, u.key)
}

// repairNodeKey writes the present name. That of a label that is still there means
// the same on the same nodes; where the old one is gone, the pods move.
func repairNodeKey(_ *rules.World, r rules.Result) []rules.Fix {
	for _, u := range usesOf(r.On) {
		k, isOld := u.old()
		if u.at != r.Pointer || !isOld {
			continue
		}
		if k.now == "" {
			return release(r.On, u, k)
		}
		risk := rules.Safe
		if k.gone != "" {
			risk = rules.Review
		}
		title := fmt.Sprintf("replace %s by %s", u.key, k.now)
		if !u.isEntry {
			return []rules.Fix{rules.Change(risk, title, r.On, patch.Op{Op: patch.Replace, Path: u.at, Value: k.now})}
		}
		parent, _ := patch.Split(u.at)
		if entries := mapping(r.On.Raw(), parent); entries[k.now] == nil {
			return []rules.Fix{rules.Change(risk, title, r.On, rename(u.at, k.now, entries[u.key])...)}
		}
	}
	return nil
}
