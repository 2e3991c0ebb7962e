// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals/compare"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
)

// arm is one side.
type arm struct {
	name  string
	at    time.Time
	group signals.Group
	// lost are requests that may have been meant for it and reached nobody.
	lost []stat.Lost
}

func (a arm) of() compare.Arm { return compare.Of(a.name, a.group) }

func (a arm) shape() api.CompareArm {
	return api.CompareArm{
		Name: a.name, At: a.at.UTC(), Window: a.group.Window.Seconds(), Signals: stat.Signals(&a.group, signals.Why(a.group), false),
	}
}

// arms asks for both sides.
func (c *compareFlags) arms(ctx context.Context, g *golden) ([]arm, error) {
	if len(c.versions) == 2 {
		return c.byVersion(ctx, g)
	}
	if g.feed.Prometheus == nil {
		return nil, fault.Usagef("%s keeps no history: --before and --after need a Prometheus", g.feed.Name).Try("--prometheus URL")
	}
	var out []arm
	var unknown []error
	for i, name := range []string{"before", "after"} {
		at := c.ends[i]
		then := *g
		then.feed = asOf(g.feed, at)
		rows, err := c.rows(ctx, &then, "svc")
		if fault.KindOf(err) == fault.Usage {
			// Nobody knew it at that time, which says nothing of the other.
			unknown, err = append(unknown, err), nil
		}
		if err != nil {
			return nil, err
		}
		g.at, g.window = then.at, then.window
		a := arm{name: name, at: at, group: signals.Group{Window: g.window}}
		if len(rows) > 1 {
			return nil, ambiguous(c.name, rows)
		}
		if len(rows) == 1 && rows[0].Group != nil {
			a.group = *rows[0].Group
		}
		out = append(out, a)
	}
	if len(unknown) == len(out) {
		return nil, unknown[0]
	}
	return out, nil
}

// rows are those of the service, by a grouping.
func (c *compareFlags) rows(ctx context.Context, g *golden, word string) ([]stat.Row, error) {
	n := c.name
	n.Word = word
	q := stat.Question{Names: []stat.Name{n}, Namespace: g.namespace, View: signals.View(g.view), GRPC: g.feed.Policy, Owner: g.owner}
	return (&statFlags{names: q.Names}).rows(ctx, g, q)
}

// byVersion finds the two versions; one that was not measured is unknown if others
// were.
func (c *compareFlags) byVersion(ctx context.Context, g *golden) ([]arm, error) {
	rows, err := c.rows(ctx, g, stat.Versions)
	if err != nil {
		return nil, err
	}
	var known []string
	var out []arm
	var lost []stat.Lost
	for _, r := range rows {
		if r.Group != nil && r.Version != "" && signals.Reached(r.Version) {
			known = append(known, r.Version)
		}
		if r.Group == nil || r.Version != signals.NoUpstream {
			continue
		}
		if l := stat.LostOf(*r.Group); l.Rate() > 0 {
			lost = append(lost, l)
			g.note("%srps reached no version, whichever they were for: %s", signals.Rate(l.Rate()), signals.Why(*r.Group))
		}
	}
	for _, v := range c.versions {
		if len(known) > 0 && !slices.Contains(known, v) {
			err := fault.Usagef("nobody measured a version %s of %s: there are %s", v, c.name.Name, strings.Join(known, ", "))
			if near := ref.Closest(v, known); len(near) > 0 {
				return nil, err.Try("did you mean %s?", near[0])
			}
			return nil, err
		}
		a := arm{name: v, at: g.at, group: signals.Group{Window: g.window}, lost: lost}
		n := 0
		for _, r := range rows {
			if r.Version == v && r.Group != nil {
				a.group = *r.Group
				n++
			}
		}
		if n > 1 {
			return nil, ambiguous(c.name, rows)
		}
		out = append(out, a)
	}
	return out, nil
}
