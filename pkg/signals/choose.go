// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

import (
	"fmt"
	"slices"
	"strings"
)

// edge returns what the row's reporters have to agree on.
func (o Options) edge(r row) edge {
	tcp := r.tag == tagSent || r.tag == tagReceived
	if !o.Profile.Paired {
		return edge{namespace: r.workloadNamespace, service: r.workload + "\x00" + r.serviceIfAlone(), tcp: tcp}
	}
	return edge{r.sourceNamespace, r.source, r.namespace, r.service, tcp}
}

// serviceIfAlone tells edges apart whose workload is not known.
func (r row) serviceIfAlone() string {
	if r.workload != "" && r.workload != NoUpstream {
		return ""
	}
	return r.service
}

// meeting is a caller and the workload that served it. Where several Services have
// the same pods, the caller's proxy names the one that was called and the other
// proxy the first of them (istio.io: "inbound|port||" belongs to one Service), so
// that the same requests are on two edges.
type meeting struct {
	sourceNamespace, source, namespace, workload string
	tcp                                          bool
}

// meeting returns whose requests a row tells, false if it does not know either end.
func (o Options) meeting(r row) (meeting, bool) {
	if !o.Profile.Paired || r.workload == "" || r.workload == NoUpstream || r.source == "" || r.source == unknown {
		return meeting{}, false
	}
	return meeting{r.sourceNamespace, r.source, r.workloadNamespace, r.workload, r.tag == tagSent || r.tag == tagReceived}, true
}

// scraped is a pod that counts its own requests.
type scraped struct{ namespace, pod string }

// again reports whether what a pod counts was told already, for another Service that has
// the same pods: it is then scraped once for each. The Service of which more was seen is
// believed. For rows of Services both count, as nobody knows which of them was called.
func (f *folder) again(r row) bool {
	if Reporter(r.reporter) != ByApplication || r.pod == "" || f.By == ByService || f.By == ByVersion {
		return false
	}
	saw := f.scraped[scraped{r.workloadNamespace, r.pod}]
	for service, n := range saw {
		own := saw[r.service]
		if more := n > own || n == own && service < r.service; more && own >= sameRequests*n {
			return true
		}
	}
	return false
}

func (f *folder) saw(r row, value float64) {
	if at := (scraped{r.workloadNamespace, r.pod}); Reporter(r.reporter) == ByApplication && r.pod != "" {
		if f.scraped[at] == nil {
			f.scraped[at] = map[string]float64{}
		}
		f.scraped[at][r.service] += value
	}
	e := f.edge(r)
	if f.seen[e] == nil {
		f.seen[e] = seen{}
	}
	f.seen[e][Reporter(r.reporter)] += value
	f.meet(r, value)
}

func (f *folder) meet(r row, value float64) {
	m, ok := f.meeting(r)
	if !ok {
		return
	}
	if f.met[m] == nil {
		f.met[m] = seen{}
	}
	f.met[m][Reporter(r.reporter)] += value
}

// sawBuckets lets latency choose the reporter of the edges that have no requests,
// so that elsewhere both describe the same requests.
func (f *folder) sawBuckets() {
	counted := map[edge]bool{}
	for e := range f.seen {
		counted[e] = true
	}
	see := func(r row, n float64) {
		if !counted[f.edge(r)] {
			f.saw(r, n)
		}
	}
	for _, r := range f.order {
		see(r, NewHistogram(f.buckets[r]).Count())
	}
	for r := range f.native {
		see(r, 0)
	}
}

// sameRequests is the share from which two reporters have seen the same requests:
// they are scraped at different instants, so that their rates are never quite equal.
const sameRequests = 0.95

// believed reports whether the row's reporter is the one chosen for its edge, and
// its requests are not those of another edge between the same workloads.
func (f *folder) believed(r row) bool {
	by := Reporter(r.reporter)
	if f.chosen(f.edge(r)) != by || f.again(r) || f.unheard(r) {
		return false
	}
	m, ok := f.meeting(r)
	if !ok {
		return true
	}
	saw := f.met[m]
	first := f.View.choose(saw)
	return first == by || saw[first] < sameRequests*saw[by]
}

// chosen returns the reporter that is believed for an edge. Where the called side
// does not say who called, and has seen more than its callers' proxies tell, some of
// them have none: only the called side has counted them all. Which of several Services
// those called, it cannot say.
func (f *folder) chosen(e edge) Reporter {
	saw := f.seen[e]
	first := f.View.choose(saw)
	if first == BySource && !f.By.callers() && f.hidden(saw) {
		if services := f.By == ByService || f.By == ByVersion; !services || len(f.serves[called(e)]) < 2 {
			return ByDestination
		}
	}
	return first
}

// workload is one by its name.
type workload struct{ namespace, name string }

// called is the workload of an edge whose reporters do not both know the caller.
func called(e edge) workload {
	name, _, _ := strings.Cut(e.service, "\x00")
	return workload{e.namespace, name}
}

// learn reads which Services workloads serve, as callers have it.
func (f *folder) learn(v Vector) {
	if f.Profile.Receiving == nil {
		return
	}
	for _, s := range v {
		r := f.decode(s.Labels)
		w := workload{r.workloadNamespace, r.workload}
		if Reporter(r.reporter) == BySource && r.service != "" && r.workload != NoUpstream && !slices.Contains(f.serves[w], r.service) {
			f.serves[w] = append(f.serves[w], r.service)
		}
	}
}

// named returns a row of a reporter that does not know the Service with the only one
// that its workload serves.
func (f *folder) named(r row) row {
	of := f.serves[workload{r.workloadNamespace, r.workload}]
	if r.service == "" && Reporter(r.reporter) == ByDestination && len(of) == 1 {
		r.service = of[0]
	}
	return r
}

// callers reports whether groups are told apart by who calls.
func (b By) callers() bool { return b == ByEdge || b == ByCaller }

// hidden reports whether the called side of an edge has seen requests of callers
// that tell nothing themselves.
func (f *folder) hidden(saw seen) bool {
	return !f.Profile.Paired && f.View == Client && saw[BySource] > 0 && saw[BySource] < sameRequests*saw[ByDestination]
}

// unheard reports whether requests that reached nobody are told in the view of the called
// side, which counts others to the same Service, and knows nothing of these.
func (f *folder) unheard(r row) bool {
	if f.Profile.Receiving == nil || f.View != Server || r.workload != NoUpstream {
		return false
	}
	for w, services := range f.serves {
		saw := f.seen[edge{namespace: w.namespace, service: w.name + "\x00"}]
		if w.namespace == r.namespace && slices.Contains(services, r.service) && saw[ByDestination] > 0 {
			return true
		}
	}
	return false
}

// unseen says whose callers are not all among the groups.
func (f *folder) unseen() []string {
	var who []string
	for e, saw := range f.seen {
		if f.hidden(saw) && f.chosen(e) != ByDestination {
			who = append(who, e.namespace+"/"+called(e).name)
		}
	}
	if len(who) == 0 {
		return nil
	}
	slices.Sort(who)
	return []string{fmt.Sprintf("callers without a proxy are not among these, their requests have no name: %s", strings.Join(who, ", "))}
}
