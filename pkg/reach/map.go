// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// MapOptions say which part of the matrix is wanted.
type MapOptions struct {
	// Namespaces limit the matrix to connections with an end in one of them;
	// empty for all.
	Namespaces []string
	// From and To limit it to one side; nil for all.
	From, To *End
	// Exposed leaves the connections from the internet, and those that all
	// workloads may make; Routed adds those that gateways and Ingresses pass on.
	Exposed, Routed bool
}

// Map is who may connect to whom, by addresses: routes, names and tokens are not
// looked at. What is not in it is denied; where policies of the mesh have a say
// only TCP is told.
type Map struct {
	// Rows are sorted by target, then by source.
	Rows []Row
	// Workloads and Classes count what was compared: classes are workloads that
	// fare alike with everybody.
	Workloads, Classes int
	// Unknowns say what could not be told, once each.
	Unknowns []string
}

// Row is a group of sources that reach a group of targets alike. A workload that
// reaches itself is in it only with others.
type Row struct {
	From, To    Side
	Connections []Connection
	// Doors are what leads to the targets from outside: Services of type
	// LoadBalancer or NodePort, host ports and networks, routes of gateways and
	// Ingresses. Only in a map of what is exposed.
	Doors []verdict.Decider
}

// Side is one side of a Row.
type Side struct {
	// Text is for people: "shop/deploy/frontend", "shop/*", "internet".
	Text string
	// Workloads are those it stands for; none of addresses.
	Workloads []ref.Ref
	// Internet is true for addresses that no policy names, Everybody for all
	// workloads of all namespaces.
	Internet, Everybody bool
}

// Map returns the matrix at the level of workloads.
func (e *Engine) Map(o MapOptions) Map {
	f := newFilter(o)
	t := e.tabulate(newBook(), f.mark, f.extra)
	out := Map{Workloads: len(e.s.Workloads("")), Unknowns: e.unread(t)}
	for _, u := range t.units {
		if len(u.workloads) > 0 {
			out.Classes++
		}
	}
	names := e.namer()
	for _, r := range rectangles(len(t.units), func(from, to int) int {
		if !f.wants(&t.units[from], &t.units[to]) {
			return -1
		}
		return t.value(from, to)
	}) {
		for _, from := range t.sides(r.from, names) {
			for _, to := range t.sides(r.to, names) {
				row := Row{From: from, To: to, Connections: t.book.lists[r.value]}
				if from.Text == to.Text && len(from.Workloads) == 1 {
					continue
				}
				if o.Exposed {
					if !from.Internet && !from.Everybody || len(to.Workloads) == 0 {
						continue
					}
					row.Doors = e.doors(to.Workloads)
				}
				out.Rows = append(out.Rows, row)
			}
		}
	}
	if o.Routed {
		out.Rows = append(out.Rows, e.routedRows(t, f)...)
	}
	slices.SortStableFunc(out.Rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.To.Text, b.To.Text), cmp.Compare(a.From.Text, b.From.Text), compareConnections(a.Connections, b.Connections))
	})
	return out
}

// filter is what of a matrix is wanted.
type filter struct {
	namespaces map[string]bool
	from, to   *side
	extra      []extraEnd
}

// side are the ends that one side is limited to.
type side struct {
	workloads map[*model.Workload]bool
	texts     map[string]bool
	internet  bool
}

func newFilter(o MapOptions) *filter {
	f := &filter{namespaces: map[string]bool{}}
	for _, ns := range o.Namespaces {
		f.namespaces[ns] = true
	}
	f.from, f.to = f.side(o.From), f.side(o.To)
	return f
}

func (f *filter) side(x *End) *side {
	if x == nil {
		return nil
	}
	out := &side{workloads: map[*model.Workload]bool{}, texts: map[string]bool{}, internet: x.Kind == Internet}
	for _, p := range x.Peers {
		switch {
		case out.internet:
		case p.Workload != nil:
			out.workloads[p.Workload] = true
		default:
			out.texts[x.Text] = true
			f.extra = append(f.extra, extraEnd{x.Text, p})
		}
	}
	return out
}

// mark keeps workloads apart that the filter tells apart.
func (f *filter) mark(w *model.Workload) string {
	return fmt.Sprint(f.namespaces[w.Ref.Namespace], f.from != nil && f.from.workloads[w], f.to != nil && f.to.workloads[w])
}

func (s *side) has(u *unit) bool {
	switch {
	case s == nil:
		return true
	case len(u.workloads) > 0:
		return s.workloads[u.workloads[0]]
	}
	return u.internet && s.internet || s.texts[u.text]
}

func (f *filter) wants(from, to *unit) bool {
	in := func(u *unit) bool { return len(u.workloads) > 0 && f.namespaces[u.workloads[0].Ref.Namespace] }
	return f.from.has(from) && f.to.has(to) && (len(f.namespaces) == 0 || in(from) || in(to))
}

// unread says what the table does not take into account.
func (e *Engine) unread(t *table) []string {
	var out []string
	for _, c := range t.m.Caveats() {
		if !slices.Contains(out, c.Reason) {
			out = append(out, c.Reason)
		}
	}
	for _, k := range slices.Concat(model.WorkloadKinds, []*model.Kind{model.AuthorizationPolicies.Kind, model.PeerAuthentications.Kind}) {
		if gap, hidden := e.s.Gap(k.GroupKind, ""); hidden && !slices.Contains(out, gap.Reason) {
			out = append(out, gap.Reason)
		}
	}
	return out
}

// namer knows how many workloads there are to each namespace.
type namer struct {
	in    map[string]int
	total int
}

func (e *Engine) namer() namer {
	out := namer{in: map[string]int{}}
	for _, w := range e.s.Workloads("") {
		out.in[w.Ref.Namespace]++
		out.total++
	}
	return out
}

// sides puts units together: the workloads, the internet, other addresses.
func (t *table) sides(units []int, names namer) []Side {
	var workloads []ref.Ref
	var out []Side
	var texts []string
	for _, i := range units {
		switch u := &t.units[i]; {
		case len(u.workloads) > 0:
			workloads = append(workloads, model.Refs(u.workloads)...)
		case u.internet:
			if !slices.ContainsFunc(out, func(s Side) bool { return s.Internet }) { // one of each family of addresses
				out = append(out, Side{Text: "internet", Internet: true})
			}
		default:
			texts = append(texts, u.text)
		}
	}
	slices.Sort(texts)
	for _, text := range slices.Compact(texts) {
		out = append(out, Side{Text: text})
	}
	if len(workloads) > 0 {
		slices.SortFunc(workloads, ref.Compare)
		out = append(out, Side{Text: names.text(workloads), Workloads: workloads, Everybody: len(workloads) == names.total && names.total > 1})
	}
	return out
}

// text names workloads, whole namespaces as "shop/*".
func (n namer) text(workloads []ref.Ref) string {
	if len(workloads) == n.total && n.total > 1 {
		return "all workloads"
	}
	var out []string
	for rest := workloads; len(rest) > 0; {
		ns := rest[0].Namespace
		end := slices.IndexFunc(rest, func(r ref.Ref) bool { return r.Namespace != ns })
		if end < 0 {
			end = len(rest)
		}
		if end == n.in[ns] && end > 1 {
			out = append(out, ns+"/*")
		} else {
			for _, r := range rest[:end] {
				out = append(out, text(r))
			}
		}
		rest = rest[end:]
	}
	return few(out)
}

// String writes a row for people.
func (r Row) String() string {
	return strings.Join([]string{r.From.Text, "->", r.To.Text, Connections(r.Connections)}, " ")
}
