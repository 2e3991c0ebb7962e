// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/network"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// DiffOptions say which part of a difference is wanted.
type DiffOptions struct {
	// Namespaces limit it to connections with an end in one of them; empty for all.
	Namespaces []string
}

// Difference is what changes from one world to another.
type Difference struct {
	// Lost connections are let through before and not after; Gained the other way
	// round. One that is let through under other conditions is in both.
	Lost, Gained []Change
	// Unknowns say what could not be told in either world, once each.
	Unknowns []string
}

// Empty reports whether nothing changes.
func (d Difference) Empty() bool { return len(d.Lost) == 0 && len(d.Gained) == 0 }

// Change is a group of connections that are lost or gained.
type Change struct {
	From, To    Side
	Connections []Connection
	// By are the objects that cause it: those that deny in the world without the
	// connections, or the workloads that this world lacks.
	By []verdict.Decider
}

// Diff compares two worlds.
func Diff(before, after *Engine, o DiffOptions) Difference {
	f := newFilter(MapOptions{Namespaces: o.Namespaces})
	b := newBook()
	extra := before.blocks(after)
	p := pairing{f: f, old: before.tabulate(b, before.against(after), extra), now: after.tabulate(b, after.against(before), extra)}
	p.join()
	changes := [][2][]Connection{}
	ids := map[[2]int]int{}
	found := rectangles(len(p.units), func(from, to int) int {
		if !f.wants(&p.both.units[from], &p.both.units[to]) {
			return -1
		}
		k := [2]int{p.value(p.old, 0, from, to), p.value(p.now, 1, from, to)}
		if k[0] == k[1] {
			return -1
		}
		id, seen := ids[k]
		if !seen {
			id = len(changes)
			ids[k] = id
			lost, gained := b.difference(k[0], k[1])
			changes = append(changes, [2][]Connection{lost, gained})
		}
		return id
	})
	out := Difference{Unknowns: slices.Compact(slices.Sorted(slices.Values(append(before.unread(p.old), after.unread(p.now)...))))}
	for _, r := range found {
		lost, gained := changes[r.value][0], changes[r.value][1]
		if len(lost) > 0 {
			out.Lost = append(out.Lost, p.changes(r, lost, p.now, 1)...)
		}
		if len(gained) > 0 {
			out.Gained = append(out.Gained, p.changes(r, gained, p.old, 0)...)
		}
	}
	sortChanges(out.Lost)
	sortChanges(out.Gained)
	return out
}

func sortChanges(list []Change) {
	slices.SortFunc(list, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.To.Text, b.To.Text), cmp.Compare(a.From.Text, b.From.Text), compareConnections(a.Connections, b.Connections))
	})
}

// difference are the connections of one list that another lacks, both ways.
func (b *book) difference(old, now int) (lost, gained []Connection) {
	at := func(i int) (list []Connection, ports network.PortSet) {
		if i < 0 {
			return nil, network.PortSet{}
		}
		return b.lists[i], b.ports[i]
	}
	was, wasPorts := at(old)
	is, isPorts := at(now)
	if (old < 0 || !wasPorts.Empty()) && (now < 0 || !isPorts.Empty()) { // the network alone decides
		return ofPorts(wasPorts.Minus(isPorts), verdict.Allow, ""), ofPorts(isPorts.Minus(wasPorts), verdict.Allow, "")
	}
	return without(was, is), without(is, was)
}

// blocks are the addresses that the policies of either world name, so that both
// tables know them.
func (e *Engine) blocks(other *Engine) []extraEnd {
	var out []extraEnd
	seen := map[string]bool{}
	for _, m := range []*network.Matrix{e.net.Matrix(nil), other.net.Matrix(nil)} {
		for _, c := range m.Classes() {
			if c.Internet || !c.Peer.Block.IsValid() || seen[ranges(c)] {
				continue
			}
			seen[ranges(c)] = true
			out = append(out, extraEnd{ranges(c), c.Peer})
		}
	}
	return out
}

// against marks the workloads that another world lacks.
func (e *Engine) against(other *Engine) func(*model.Workload) string {
	return func(w *model.Workload) string {
		if _, there := other.s.Workload(w.Ref); there {
			return "both"
		}
		return "one"
	}
}

// pairing joins the units of two tables: those whose workloads are together in
// both.
type pairing struct {
	f        *filter
	old, now *table
	// units are the numbers in both tables, -1 where a world lacks it.
	units [][2]int
	// both has one unit for each, to name it.
	both table
}

func (p *pairing) join() {
	where := [2]map[ref.Ref]int{p.old.places(), p.now.places()}
	byPair := map[[3]any]int{}
	add := func(k [2]int, w *model.Workload, u unit) {
		// Workloads that the filter tells apart stay apart.
		full := [3]any{k[0], k[1], ""}
		if w != nil {
			full[2] = p.f.mark(w)
		}
		i, seen := byPair[full]
		if !seen {
			i = len(p.units)
			byPair[full] = i
			p.units = append(p.units, k)
			u.workloads = nil
			p.both.units = append(p.both.units, u)
		}
		if w != nil {
			p.both.units[i].workloads = append(p.both.units[i].workloads, w)
		}
	}
	for side, t := range []*table{p.old, p.now} {
		for i, u := range t.units {
			for _, w := range u.workloads {
				k := [2]int{-1, -1}
				k[side] = i
				if j, there := where[1-side][key(w.Ref)]; there {
					if side == 1 {
						continue // joined from the other side
					}
					k[1] = j
				}
				add(k, w, u)
			}
			if len(u.workloads) == 0 && side == 0 {
				if j := slices.IndexFunc(p.now.units, func(o unit) bool { return len(o.workloads) == 0 && o.text == u.text && o.peer.Block == u.peer.Block }); j >= 0 {
					add([2]int{i, j}, nil, u)
				}
			}
		}
	}
}

// key drops the version: an object is the same in each.
func key(r ref.Ref) ref.Ref {
	r.Version = ""
	return r
}

// places are the units of the workloads.
func (t *table) places() map[ref.Ref]int {
	out := map[ref.Ref]int{}
	for i, u := range t.units {
		for _, w := range u.workloads {
			out[key(w.Ref)] = i
		}
	}
	return out
}

func (p *pairing) value(t *table, side, from, to int) int {
	u, v := p.units[from][side], p.units[to][side]
	if u < 0 || v < 0 {
		return -1
	}
	return t.value(u, v)
}

// most pairs of a group are asked who denies them.
const mostAsked = 25

// changes are the rows of a group, with who denies them in one of the worlds.
func (p *pairing) changes(r rectangle, list []Connection, t *table, side int) []Change {
	var by []verdict.Decider
	asked := 0
	for _, from := range r.from {
		for _, to := range r.to {
			if asked++; asked > mostAsked {
				break
			}
			d := p.denier(t, side, from, to, list[0])
			if d.Reason != "" && !slices.ContainsFunc(by, func(o verdict.Decider) bool { return o.Object == d.Object && o.Pointer == d.Pointer }) {
				by = append(by, d)
			}
		}
	}
	names := t.e.namer()
	var out []Change
	for _, from := range p.both.sides(r.from, names) {
		for _, to := range p.both.sides(r.to, names) {
			out = append(out, Change{From: from, To: to, Connections: list, By: by})
		}
	}
	return out
}

// denier is who denies a connection in a world.
func (p *pairing) denier(t *table, side, from, to int, c Connection) verdict.Decider {
	for _, i := range []int{from, to} {
		if u := p.both.units[i]; p.units[i][side] < 0 && len(u.workloads) > 0 {
			return verdict.Decider{Object: u.workloads[0].Ref, Where: u.workloads[0].Where(""), Reason: text(u.workloads[0].Ref) + " is in one of the worlds only"}
		}
	}
	u, v := &t.units[p.units[from][side]], &t.units[p.units[to][side]]
	protocol, port := orTCP(c.Protocol), c.First
	if port == 0 {
		port = 1
		if ports := t.e.portsOf(v.peer); len(ports) > 0 && protocol == corev1.ProtocolTCP {
			port = ports[0]
		}
	}
	for _, a := range u.classes {
		for _, b := range v.classes {
			egress, ingress := t.m.Explain(a, b, protocol, port)
			for _, h := range []verdict.Hop{egress, ingress} {
				if h.Verdict == verdict.Deny {
					return h.Decider
				}
			}
		}
	}
	if s := t.admits(u, v, port); s.Answer != mesh.Yes {
		return verdict.Decider{Object: s.By, Where: s.By.String(), Reason: s.Words}
	}
	return verdict.Decider{}
}
