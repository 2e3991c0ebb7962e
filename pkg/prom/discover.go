// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// Found is the Prometheus that was found.
type Found struct {
	*Client
	// Names are those of the wanted metrics that it has.
	Names []string
	// Others says of what else may be a Prometheus why it was not taken.
	Others []string
}

// Discover looks for the Prometheus of the cluster: what the operator runs, what
// labels say, then where installers put it. Match are selectors of the wanted
// metrics. Rank says how good a server with these of them is; of equally good ones
// none is taken: the error lists them. Several Services of the same pods are one.
func (k *Cluster) Discover(ctx context.Context, match []string, rank func(names []string) int) (*Found, error) {
	services, notes, err := k.candidates(ctx)
	if err != nil {
		return nil, err
	}
	looked := make([]looked, len(services))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, s := range services {
		group.Go(func() error {
			looked[i] = k.look(within, s, match)
			return nil
		})
	}
	_ = group.Wait() // what each answered is kept
	if ctx.Err() != nil {
		closeAll(looked)
		return nil, context.Cause(ctx)
	}
	top := highest(looked, rank)
	best := k.distinct(ctx, top)
	for _, l := range looked {
		if l.client != nil && !(len(best) == 1 && best[0].client == l.client) {
			l.client.Close()
		}
	}
	switch len(best) {
	case 0:
		return nil, none(looked, notes)
	case 1:
		return &Found{best[0].client, best[0].names, others(looked, top)}, nil
	}
	return nil, ambiguous(best)
}

// looked is what one candidate answered.
type looked struct {
	service Service
	client  *Client
	names   []string
	err     error
}

func (k *Cluster) look(ctx context.Context, s Service, match []string) looked {
	out := looked{service: s}
	if out.client, out.err = k.Service(ctx, s); out.err != nil {
		return out
	}
	out.service = *out.client.service
	ctx, cancel := context.WithTimeout(ctx, waiting)
	defer cancel()
	if out.names, out.err = out.client.AsOf(k.At).Names(ctx, match...); out.err != nil {
		out.client.Close()
		out.client = nil
	}
	return out
}

func closeAll(all []looked) {
	for _, l := range all {
		if l.client != nil {
			l.client.Close()
		}
	}
}

// highest returns the candidates that rank highest.
func highest(all []looked, rank func([]string) int) []looked {
	var best []looked
	top := 0
	for _, l := range all {
		if l.client == nil {
			continue
		}
		switch r := rank(l.names); {
		case len(best) == 0 || r > top:
			best, top = []looked{l}, r
		case r == top:
			best = append(best, l)
		}
	}
	return best
}

// others says why candidates were not taken that are none of the best. One that does
// not exist, or that the user has no right to, is no news.
func others(all, best []looked) []string {
	var out []string
	for _, l := range all {
		var a *Answer
		switch {
		case slices.ContainsFunc(best, func(b looked) bool { return b.service == l.service }):
		case l.client != nil && len(l.names) == 0:
			out = append(out, l.service.String()+" has no such metrics")
		case l.client != nil:
			out = append(out, l.service.String()+" has others")
		case fault.KindOf(l.err) != fault.Usage && !(errors.As(l.err, &a) && a.Type == "Forbidden"):
			out = append(out, l.service.String()+" does not answer")
		}
	}
	return out
}

// distinct drops the Services whose pods are those of one before.
func (k *Cluster) distinct(ctx context.Context, all []looked) []looked {
	if len(all) < 2 {
		return all
	}
	var out []looked
	var seen [][]pod
	for _, l := range all {
		behind, err := k.endpoints(ctx, l.service)
		if err == nil && len(behind) > 0 && slices.ContainsFunc(seen, func(o []pod) bool { return slices.Equal(o, behind) }) {
			continue
		}
		seen = append(seen, behind)
		out = append(out, l)
	}
	return out
}

// ambiguous lists what to choose from, ready to paste.
func ambiguous(all []looked) error {
	var lines []string
	for _, l := range all {
		lines = append(lines, "--prometheus "+l.service.String())
	}
	slices.Sort(lines)
	return fault.Usagef("expected one Prometheus in the cluster, found %d that are equally good", len(all)).
		Try("choose one:\n%s", strings.Join(lines, "\n"))
}

// none says what was looked at. Where a right to a Service was missing that is known
// to be there, the hint is how to get it; of those that are guessed, how to say which.
func none(all []looked, notes []string) error {
	var walk []string
	var forbidden *fault.Error
	barred := 0
	guess := !slices.ContainsFunc(all, func(l looked) bool { return !usual(l.service) }) && len(all) == len(wellKnown)
	for _, l := range all {
		var f *fault.Error
		errors.As(l.err, &f)
		var a *Answer
		refused := f != nil && errors.As(l.err, &a) && a.Type == "Forbidden"
		if refused && guess {
			barred++
			continue
		}
		if f == nil || f.Kind != fault.Usage { // a Service that does not exist
			walk = append(walk, fmt.Sprintf("%s: %v", l.service, l.err))
		}
		if forbidden == nil && refused {
			forbidden = f
		}
	}
	if barred > 0 {
		walk = append(walk, fmt.Sprintf("may not look at %d places where installers put it", barred))
	}
	if len(walk) == 0 {
		walk = []string{"nothing of the Prometheus Operator, no Service labelled as Prometheus, none where installers put it"}
	}
	out := fault.Failedf("expected a Prometheus in the cluster, found none that answers:\n  %s", strings.Join(append(walk, notes...), "\n  "))
	switch {
	case forbidden != nil:
		return out.Try("%s", forbidden.Hint)
	case barred > 0:
		return out.Try("--prometheus NAMESPACE/SERVICE:PORT names it; kubectl micro monitor generate rbac --prometheus NAMESPACE/SERVICE:PORT writes the Role to ask for")
	}
	return out.Try("--prometheus URL or NAMESPACE/SERVICE:PORT names it; --source envoy asks the sidecars and needs none")
}

// usual reports whether a Service is where installers put it.
func usual(s Service) bool {
	return slices.ContainsFunc(wellKnown, func(w Service) bool { return w.Namespace == s.Namespace && w.Name == s.Name })
}
