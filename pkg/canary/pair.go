// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// Pair is the reading of a target: which backend is the stable one, which the
// canary, and what decided.
type Pair struct {
	Stable, Canary traffic.Backend
	// Rule says for people why: "v2 is the higher version".
	Rule string
}

// bySession is the rule of a pair that a session names.
const bySession = "the running session says so"

// Label is a backend's short name within its target: the subset, or the
// Service's name where versions have Services of their own.
func Label(b traffic.Backend) string {
	if b.Subset != "" {
		return b.Subset
	}
	name, _, _ := strings.Cut(b.Host, ".svc.")
	name, _, _ = strings.Cut(name, ".")
	return name
}

// calls reports whether a name that was typed means a backend.
func calls(name string, b traffic.Backend) bool { return name == Label(b) || name == b.Host }

// Choice is what the user said about the pair; both may be empty.
type Choice struct{ Stable, Canary string }

// Read finds out which leg is the canary: (1) the session, (2) the user's
// choice, (3) well-known names, (4) the leg with no or clearly less traffic,
// (5) the higher version, (6) the younger Deployment where nothing else
// decides. Readings that disagree are a usage error that shows both; nothing is
// guessed.
func Read(s *model.Snapshot, t Target, choice Choice) (Pair, error) {
	found := t.backends(s)
	if session, ok := t.session(); ok {
		p := Pair{Stable: session.Stable.backend(), Canary: session.Canary.backend(), Rule: bySession}
		if (choice.Canary != "" && !calls(choice.Canary, p.Canary)) || (choice.Stable != "" && !calls(choice.Stable, p.Stable)) {
			return Pair{}, fault.Usagef("the running session has canary %s and stable %s, not what the flags say", Label(p.Canary), Label(p.Stable)).
				Try("end it first: kubectl micro canary abort %s -n %s", t.Name, t.Namespace)
		}
		return p, nil
	}
	if len(found) < 2 {
		return Pair{}, lonely(t, found)
	}
	if choice.Stable != "" || choice.Canary != "" {
		return chosen(t, found, choice)
	}
	if own := slices.DeleteFunc(slices.Clone(found), func(c candidate) bool { return !c.own }); len(own) > 1 {
		found = own
	}
	return evident(s, t, found)
}

// chosen applies --stable and --canary.
func chosen(t Target, found []candidate, choice Choice) (Pair, error) {
	p := Pair{Rule: "as the flags say"}
	pick := func(flag, name string) (traffic.Backend, error) {
		for _, c := range found {
			if calls(name, c.Backend) {
				return c.Backend, nil
			}
		}
		return traffic.Backend{}, fault.Usagef("--%s %q: expected one of %s", flag, name, labels(found))
	}
	var err error
	if choice.Canary != "" {
		if p.Canary, err = pick("canary", choice.Canary); err != nil {
			return Pair{}, err
		}
	}
	if choice.Stable != "" {
		if p.Stable, err = pick("stable", choice.Stable); err != nil {
			return Pair{}, err
		}
	}
	switch {
	case choice.Canary == "":
		p.Canary, err = other(t, found, p.Stable, "canary")
	case choice.Stable == "":
		p.Stable, err = heaviest(t, found, p.Canary)
	}
	if err == nil && p.Canary == p.Stable {
		err = fault.Usagef("--stable and --canary are both %s", Label(p.Canary))
	}
	return p, err
}

// evident weighs what the objects themselves say.
func evident(s *model.Snapshot, t Target, found []candidate) (Pair, error) {
	if t.pinned() {
		return Pair{}, fault.Usagef("each of %s has routes of its own: nothing says that they are two versions of %s", labels(found), t).
			Try("if they are: %s", spelled(t, found))
	}
	var readings []Pair
	for _, rule := range heuristics {
		if c, why, ok := rule(found); ok {
			readings = append(readings, Pair{Canary: c, Rule: why})
		}
	}
	if len(readings) == 0 {
		if c, why, ok := younger(s, found); ok {
			readings = append(readings, Pair{Canary: c, Rule: why})
		}
	}
	if len(readings) == 0 {
		return Pair{}, fault.Usagef("which of %s is the canary of %s cannot be told: no name, weight, version or age decides", labels(found), t).
			Try("%s", spelled(t, found))
	}
	p := readings[0]
	for _, r := range readings[1:] {
		if r.Canary != p.Canary {
			return Pair{}, fault.Usagef("two readings of which leg of %s is the canary: %s, but %s", t, p.Rule, r.Rule).
				Try("%s", spelled(t, found))
		}
	}
	var err error
	p.Stable, err = heaviest(t, found, p.Canary)
	return p, err
}

// heaviest is the stable leg: the one with most traffic besides the canary.
func heaviest(t Target, found []candidate, canary traffic.Backend) (traffic.Backend, error) {
	rest := slices.DeleteFunc(slices.Clone(found), func(c candidate) bool { return c.SameTarget(canary) })
	slices.SortStableFunc(rest, func(a, b candidate) int { return cmp.Compare(b.share, a.share) })
	if len(rest) > 1 && rest[0].share == rest[1].share {
		return traffic.Backend{}, fault.Usagef("which of %s is the stable leg of %s cannot be told: they hold the same share", labels(rest), t).
			Try("add --stable %s", Label(rest[0].Backend))
	}
	return rest[0].Backend, nil
}

// other is the only backend besides one.
func other(t Target, found []candidate, than traffic.Backend, flag string) (traffic.Backend, error) {
	rest := slices.DeleteFunc(slices.Clone(found), func(c candidate) bool { return c.SameTarget(than) })
	if len(rest) != 1 {
		return traffic.Backend{}, fault.Usagef("%s has several other legs (%s): add --%s", t, labels(rest), flag)
	}
	return rest[0].Backend, nil
}

func labels(found []candidate) string {
	var out []string
	for _, c := range found {
		out = append(out, Label(c.Backend))
	}
	return strings.Join(out, ", ")
}

func spelled(t Target, found []candidate) string {
	var lines []string
	for _, c := range found {
		lines = append(lines, fmt.Sprintf("kubectl micro canary %s -n %s --canary %s --weight N", t.Name, t.Namespace, Label(c.Backend)))
	}
	return strings.Join(lines, "\n")
}

// lonely explains a target with nothing to split between.
func lonely(t Target, found []candidate) error {
	if len(found) == 0 {
		why := ""
		if len(t.Routes) > 0 && t.Routes[0].Fixed != "" {
			why = ": " + t.Routes[0].Fixed
		}
		return fault.Usagef("no route of %s has a destination to split%s", t, why)
	}
	b := found[0]
	if b.Subset == "" {
		return fault.Usagef("all traffic of %s goes to the whole of %s: expected a second destination", t, b.Host).
			Try("name a subset in the route and define a second one in a DestinationRule, or add a Service %s-canary", t.Name)
	}
	return fault.Usagef("all traffic of %s goes to subset %s, and no DestinationRule defines another", t, b.Subset).
		Try("define the new version's subset in a DestinationRule for %s, then run this again", b.Host)
}
