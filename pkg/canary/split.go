// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// split is the weights a route shall have.
type split struct {
	// weights has one entry per leg of the route, in order.
	weights []int
	// added is the weight of a canary leg that the route does not have yet.
	added int
}

// divide works out the weights that give the canary p percent of a route. The
// canary takes from the stable leg alone; other legs keep their share. The
// total stays as it is unless rescale is set or no weight was ever written
// (then the weights are defaults that nobody chose).
func divide(r traffic.Route, pair Pair, p Percent, rescale bool) (split, error) {
	weights, err := sane(r, pair)
	if err != nil {
		return split{}, err
	}
	stable := slices.IndexFunc(r.Legs, func(l traffic.Leg) bool { return l.SameTarget(pair.Stable) })
	canary := slices.IndexFunc(r.Legs, func(l traffic.Leg) bool { return l.SameTarget(pair.Canary) })
	now, total := 0, sum(weights)
	if canary >= 0 {
		now = weights[canary]
	}
	factor := 1
	if want, exact := p.Of(total); !exact || (want != now && implicit(r)) {
		switch {
		case implicit(r):
			factor = roundFactor(p, total)
		case !rescale:
			return split{}, unreachable(r, p, total)
		default:
			factor = p.factor(total)
		}
	}
	for i := range weights {
		weights[i] *= factor
	}
	want, _ := p.Of(total * factor)
	out := split{weights: weights, added: want}
	if canary >= 0 {
		out.weights[canary], out.added = want, 0
	}
	// The canary takes from the stable leg, or gives back to it.
	if out.weights[stable] += now*factor - want; out.weights[stable] < 0 {
		return split{}, crowded(r, pair, p, total*factor, out.weights[stable]+want)
	}
	if most := max(slices.Max(out.weights), out.added); most > r.Router.MaxWeight() {
		return split{}, fault.Usagef("%s%% of %s needs a weight of %d: %s allows %d at most", p, r.ID(), most, r.Router.Name(), r.Router.MaxWeight()).
			At(r.Object.Where(r.Pointer)).Try("choose a share with fewer decimals, or make the route's weights smaller")
	}
	return out, nil
}

// sane returns a route's weights, or why there is nothing to reckon with.
func sane(r traffic.Route, pair Pair) ([]int, error) {
	var weights []int
	seen := map[traffic.Backend]bool{}
	for _, l := range r.Legs {
		b := traffic.Backend{Host: l.Host, Subset: l.Subset}
		if ours := b.SameTarget(pair.Stable) || b.SameTarget(pair.Canary); ours && seen[b] {
			return nil, fault.Refusedf("%s has two destinations %s: which of them takes the weight is not known", r.ID(), Label(b)).
				At(r.Object.Where(l.Pointer)).Try("make them one")
		}
		seen[b] = true
		if l.Weight < 0 {
			return nil, fault.Refusedf("expected a weight of 0 or more, found %d", l.Weight).At(r.Object.Where(l.Pointer + "/weight"))
		}
		weights = append(weights, l.Weight)
	}
	if sum(weights) > 0 {
		return weights, nil
	}
	if slices.ContainsFunc(r.Legs, func(l traffic.Leg) bool { return l.Explicit }) {
		return nil, fault.Refusedf("all weights of %s are 0: it serves nobody, and a share of nothing is nothing", r.ID()).
			At(r.Object.Where(r.Pointer)).Try("give %s a weight first, then split it", Label(pair.Stable))
	}
	// Istio rejects several destinations without a single weight, so that this
	// is a file in the making: everything is the stable leg's.
	for i, l := range r.Legs {
		if l.SameTarget(pair.Stable) {
			weights[i] = int(hundred / one)
		}
	}
	return weights, nil
}

func sum(weights []int) int {
	total := 0
	for _, w := range weights {
		total += w
	}
	return total
}

// roundFactor is the factor for weights that nobody chose: it brings a total,
// such as two defaults of 1, to a multiple of 100, so that the next share is
// reachable as well.
func roundFactor(p Percent, total int) int {
	factor := p.factor(total)
	return factor * int(100/gcd(int64(total*factor), 100))
}

// implicit reports whether a route's weights are of nobody's choice: left out,
// filled in by the API server, or a lone destination's, which mean nothing.
func implicit(r traffic.Route) bool {
	return len(r.Legs) == 1 || !slices.ContainsFunc(r.Legs, func(l traffic.Leg) bool {
		return l.Explicit && (l.Written == 0 || l.Written != r.Router.DefaultWeight())
	})
}

// crowded says how much there is to give where other destinations leave too little.
func crowded(r traffic.Route, pair Pair, p Percent, total, room int) error {
	most := Percent(int64(room) * int64(hundred) / int64(total))
	return fault.Refusedf("%s%% for the canary would leave less than nothing for %s: other destinations hold %s%%",
		p, Label(pair.Stable), hundred-most).At(r.Object.Where(r.Pointer)).Try("--weight %s is the most this route can give", most)
}

// unreachable lists what can be had: with a small total only few shares exist.
func unreachable(r traffic.Route, p Percent, total int) error {
	below, _ := p.Of(total)
	var near []string
	for w := max(0, below-1); w <= min(total, below+2); w++ {
		near = append(near, ShareOf(w, total).String())
	}
	return fault.Usagef("%s%% cannot be had: the weights of %s add up to %d, so that the shares near it are %s",
		p, r.ID(), total, strings.Join(near, ", ")).At(r.Object.Where(r.Pointer)).
		Try("choose one of these, or add --rescale to multiply the route's weights (other destinations keep their share)")
}
