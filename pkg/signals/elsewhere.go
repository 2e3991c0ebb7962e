// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

import (
	"maps"
	"slices"
)

// Elsewhere returns what has to be asked besides of an answer about some Services alone:
// where one end of an edge has told nothing, it may have told of the same requests under
// the name of another Service that has the same pods. ok is false where it has not to be.
// The answer belongs to the vector of the first; Fold takes it into account, and makes
// no group of it.
func (q Query) Elsewhere(v Vector, o Options, services []string) (more Query, ok bool) {
	k := q.Profile.Keys
	if !q.Profile.Paired || len(services) == 0 || len(k.Source) != 1 || len(k.Workload) != 1 || len(k.Service) != 1 {
		return q, false
	}
	f := newFolder(o)
	for _, s := range v {
		f.read(s)
	}
	sources, workloads := map[string]bool{}, map[string]bool{}
	for _, l := range f.lines {
		saw, m := f.seen[f.edge(l.row)], meeting{}
		if m, ok = f.meeting(l.row); !ok || l.tag != tagRequests || l.value == 0 {
			continue
		}
		by := Reporter(l.reporter)
		if by == ByDestination && saw[BySource] == 0 && o.View != Server || by == BySource && saw[ByDestination] == 0 && o.View != Client {
			sources[m.source], workloads[m.workload] = true, true
		}
	}
	more = q.WithoutLatency()
	more.TCP, more.View = false, ""
	more.Match = []Matcher{
		Equal(k.Source[0], slices.Sorted(maps.Keys(sources))...), Equal(k.Workload[0], slices.Sorted(maps.Keys(workloads))...),
		NotEqual(k.Service[0], services...),
	}
	return more, len(sources) > 0
}
