// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package checkup

import (
	"context"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// reading is a world as rules look at it.
type reading struct {
	*world.World
	// kube is the Kubernetes version to check API versions against.
	kube string
	// managed keeps metadata.managedFields, which tell what was applied.
	managed bool
	// whole reads also what nothing in the namespace seems to depend on.
	whole bool
}

// load reads what rules look at; one narrows it to what belongs to one object.
func (r *reading) load(ctx context.Context, selected []*rules.Rule, one bool) (*rules.World, error) {
	seen, err := r.Load(ctx, r.request(selected, one))
	if err != nil {
		return nil, err
	}
	return r.over(seen), nil
}

// request says what to read of a cluster for rules.
func (r *reading) request(selected []*rules.Rule, one bool) world.Request {
	kinds := kindsFor(selected)
	asked, gaps := want(kinds, r.Namespace, r.Flags.Root, one)
	for _, k := range kindsFor(catalog.Rules()) {
		if !slices.Contains(kinds, k) { // rules that were not asked for judge fixes too
			gaps = append(gaps, model.Gap{Kind: k.GroupKind, Unasked: true, Reason: "no rule that was asked for looks at it"})
		}
	}
	asked.ManagedFields, asked.Slim = r.managed, !r.managed
	out := world.Request{Want: asked, Gaps: gaps}
	if r.Namespace != "" && !r.whole {
		out.Late = late
	}
	return out
}

// over is what was read as rules look at it.
func (r *reading) over(seen *world.Seen) *rules.World {
	return &rules.World{Snapshot: seen.Snapshot, Now: seen.Time, KubeVersion: r.kube, Unread: seen.Unread, Texts: seen.Texts}
}

// overlaid returns the World with the manifests over it.
func (r *reading) overlaid(ctx context.Context, live *rules.World) (*rules.World, error) {
	seen, err := r.Overlaid(ctx, &world.Seen{Snapshot: live.Snapshot, Time: live.Now, Unread: live.Unread, Texts: live.Texts})
	if err != nil {
		return nil, err
	}
	return r.over(seen), nil
}

// Everything reads all that any rule looks at, and lists the kinds of it.
func Everything(ctx context.Context, w *world.World) (*world.Seen, []*model.Kind, error) {
	r := reading{World: w, whole: true}
	seen, err := w.Load(ctx, r.request(catalog.Rules(), false))
	return seen, kindsFor(catalog.Rules()), err
}

// covers reports whether a kind's gap is one that the user should hear of.
func covers(g model.Gap) bool { return !g.Missing && !g.Unasked }

// needing lists the rules that look at a kind.
func needing(selected []*rules.Rule, gk ref.GroupKind) []string {
	out := []string{}
	for _, r := range selected {
		if slices.ContainsFunc(r.Needs, func(k *model.Kind) bool { return k.GroupKind == gk }) {
			out = append(out, r.ID)
		}
	}
	return out
}
