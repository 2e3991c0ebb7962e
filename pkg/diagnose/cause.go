// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// Cause is a finding with those it explains.
type Cause struct {
	rules.Result
	// Explains are the findings that go away with this one.
	Explains []rules.Result
	// Score orders causes; see score.
	Score float64
	// Impact says what is hurt, in words.
	Impact []string
	// Rollout is the change that brought the fault; nil when none did.
	Rollout *Rollout
	// Fixes were tried: they clear the finding and bring no error.
	Fixes []Fix
}

// The weights of a score.
const (
	exposedWeight = 3         // a Service that takes traffic from outside
	fresh         = time.Hour // faults younger than this are looked at first
)

var severityWeight = map[finding.Severity]float64{finding.Error: 100, finding.Warning: 10, finding.Info: 1}

var confidenceWeight = map[finding.Confidence]float64{finding.Certain: 1, finding.Likely: 0.6, finding.Possible: 0.3}

// causes makes causes of the graph, the most urgent first.
func (g *graph) causes(w *rules.World) []*Cause {
	byWeight := func(a, b *node) int {
		return cmp.Or(cmp.Compare(weight(b.Result), weight(a.Result)), ref.Compare(a.Object, b.Object), cmp.Compare(a.ID, b.ID))
	}
	roots := g.tree(byWeight)
	var out []*Cause
	damage := newDamage(w)
	for _, n := range merge(roots, g.nodes) {
		c := &Cause{Result: n.Result}
		for _, e := range roots[n] {
			c.Explains = append(c.Explains, e.Result)
		}
		c.score(w, damage)
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b *Cause) int { return cmp.Compare(b.Score, a.Score) })
	return out
}

// weight is severity x confidence, half for what does not hurt yet.
func weight(r rules.Result) float64 {
	out := severityWeight[r.Severity] * confidenceWeight[r.Confidence]
	if r.State != finding.Broken {
		out /= 2
	}
	return out
}

// score is severity x confidence x impact x recency. The severity is the worst
// of all that the cause explains, the impact one more than the endpoints that
// are down (three times as many where traffic comes from outside), recency falls
// from two to one within an hour.
func (c *Cause) score(w *rules.World, d *damage) {
	c.Score = weight(c.Result)
	for _, e := range c.Explains {
		c.Score = max(c.Score, weight(e))
	}
	impact, words := d.of(c)
	c.Impact = words
	c.Score *= (1 + impact) * (1 + float64(len(c.Explains))/100)
	if age := w.Now.Sub(c.Since); !c.Since.IsZero() && age >= 0 && age < fresh {
		c.Score *= 2 - float64(age)/float64(fresh)
	}
}

// damage finds out what a cause hurts.
type damage struct {
	world   *rules.World
	exposed map[ref.Ref]bool
}

func newDamage(w *rules.World) *damage { return &damage{world: w, exposed: exposedServices(w)} }

// of returns the weighted number of endpoints that are down behind the Services
// of a cause, and a line for each such Service.
func (d *damage) of(c *Cause) (lost float64, words []string) {
	if d.world.Offline {
		return 0, nil
	}
	seen := map[ref.Ref]bool{}
	for _, r := range append([]rules.Result{c.Result}, c.Explains...) {
		for _, object := range append([]ref.Ref{r.Object}, r.Related...) {
			svc, found := model.Services.Get(d.world.Snapshot, object.Namespace, object.Name)
			if object.Kind != "Service" || !found || seen[plain(object)] || len(svc.Value.Spec.Selector) == 0 {
				continue
			}
			seen[plain(object)] = true
			behind := d.world.Behind(svc)
			down := len(behind.Pods) - behind.Ready
			for _, wl := range behind.Workloads {
				if wl.Replicas != nil {
					down = max(down, int(*wl.Replicas)-behind.Ready)
				}
			}
			if down <= 0 {
				continue
			}
			weight, outside := 1.0, ""
			if d.exposed[plain(object)] {
				weight, outside = exposedWeight, ", which takes traffic from outside"
			}
			lost += weight * float64(down)
			words = append(words, fmt.Sprintf("%d of %d endpoints of %s are ready%s", behind.Ready, behind.Ready+down, svc.Ref, outside))
		}
	}
	slices.Sort(words)
	return lost, words
}
