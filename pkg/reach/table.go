// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/network"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// table is the matrix of a world: the classes of the network, refined by what
// the mesh admits. Workloads that fare alike are one unit.
type table struct {
	e     *Engine
	m     *network.Matrix
	units []unit
	// admitted remembers what the mesh says, by unit and port.
	admitted map[[3]string]mesh.Summary
	// seen remembers the connections of pairs that look the same.
	seen map[pairKey]int
	book *book
	// cells are the pairs of the network's classes, as indexes of sets; nil if
	// there are too many of them.
	cells []int32
	sets  [][2]network.PortSet
	// ofCell remembers the connections of each of the sets, where the mesh has no say.
	ofCell []int
	// waypoints are the network's classes of waypoints, by namespace/name.
	waypoints map[string][]int
	// known are sets of ports by their text.
	known map[string]network.PortSet
}

// unit is workloads, or addresses, that fare alike with everybody.
type unit struct {
	workloads []*model.Workload
	// classes are those of the network that its pods are in.
	classes []int
	// peer stands for all of them.
	peer model.Peer
	// plane is what stands between its pods and the network, waypoint the one in
	// front of them.
	plane    model.Dataplane
	waypoint string
	// identity is what the mesh tells callers apart by, policies what it tells
	// targets apart by; empty where no policy of the mesh is about them.
	identity, policies string
	// text names addresses and ends that no workload is behind.
	text string
	// internet is true for addresses that no policy names.
	internet bool
}

// pairKey are pairs of units with the same connections.
type pairKey struct {
	allowed, unknown   network.PortSet
	identity, policies string
}

// book numbers lists of connections; two tables that share one can be compared.
type book struct {
	lists [][]Connection
	ports []network.PortSet
	ids   map[string]int
}

func newBook() *book { return &book{ids: map[string]int{}} }

// number returns the number of a list, -1 for the empty one. ports are those of
// the network where the mesh has no say, else the empty set.
func (b *book) number(list []Connection, ports network.PortSet) int {
	if len(list) == 0 {
		return -1
	}
	k := Connections(list)
	id, seen := b.ids[k]
	if !seen {
		id = len(b.lists)
		b.ids[k] = id
		b.lists, b.ports = append(b.lists, list), append(b.ports, ports)
	}
	return id
}

// tabulate makes the table. The mark of a workload keeps it apart from workloads
// with another mark; extra are ends that no workload is behind.
func (e *Engine) tabulate(b *book, mark func(*model.Workload) string, extra []extraEnd) *table {
	t := &table{
		e: e, book: b, admitted: map[[3]string]mesh.Summary{}, seen: map[pairKey]int{},
		waypoints: map[string][]int{}, known: map[string]network.PortSet{},
	}
	all := e.s.Workloads("")
	var peers []model.Peer
	first := make([]int, len(all)+1)
	for i, w := range all {
		first[i] = len(peers)
		peers = append(peers, w.Peers()...)
	}
	first[len(all)] = len(peers)
	points := e.waypoints()
	for _, x := range slices.Concat(extra, points) {
		peers = append(peers, x.peer)
	}
	t.m = e.net.Matrix(peers)
	for i, x := range points {
		if c := t.m.ClassOf(first[len(all)] + len(extra) + i); c >= 0 {
			t.waypoints[x.text] = []int{c}
		}
	}
	t.fill()
	told := e.policiesOf()
	byKey := map[string]int{}
	for i, w := range all {
		u := unit{peer: peers[first[i]], workloads: []*model.Workload{w}}
		u.plane, _ = e.mesh.Dataplane(u.peer)
		if len(points) > 0 {
			u.waypoint = e.mesh.WaypointOf(u.peer)
		}
		for j := first[i]; j < first[i+1]; j++ {
			if c := t.m.ClassOf(j); c >= 0 {
				u.classes = append(u.classes, c)
			}
		}
		slices.Sort(u.classes)
		u.classes = slices.Compact(u.classes)
		if told != nil {
			u.identity, u.policies = e.identity(u.peer), told.key(e, u.peer)
		}
		k := fmt.Sprint(u.classes, "|", u.identity, "|", u.policies, "|", mark(w), u.plane == model.AmbientProxy, u.waypoint)
		if at, seen := byKey[k]; seen {
			t.units[at].workloads = append(t.units[at].workloads, w)
			continue
		}
		byKey[k] = len(t.units)
		t.units = append(t.units, u)
	}
	t.addOutside(peers, first[len(all)], extra)
	return t
}

// extraEnd is an end of a map that no workload is behind.
type extraEnd struct {
	text string
	peer model.Peer
}

// addOutside adds the addresses, and the ends without workloads, as units.
func (t *table) addOutside(peers []model.Peer, from int, extra []extraEnd) {
	for i, x := range extra {
		if c := t.m.ClassOf(from + i); c >= 0 {
			u := unit{classes: []int{c}, peer: x.peer, text: x.text}
			u.identity = t.e.identity(x.peer)
			t.units = append(t.units, u)
		}
	}
	for i, c := range t.m.Classes() {
		if len(c.Members) > 0 || c.Peer.IsPod() {
			continue
		}
		u := unit{classes: []int{i}, peer: c.Peer, internet: c.Internet, text: "internet"}
		if !c.Internet {
			u.text = ranges(c)
		}
		t.units = append(t.units, u)
	}
}

// ranges writes the addresses of a class for people.
func ranges(c network.Class) string {
	var out []string
	for _, r := range c.Addresses {
		if r.First == r.Last {
			out = append(out, r.First.String())
			continue
		}
		out = append(out, r.First.String()+"-"+r.Last.String())
	}
	if len(out) == 0 {
		return peerText(c.Peer)
	}
	return few(out)
}

// few names the first of many.
func few(list []string) string {
	const most = 4
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:most-1], ", "), len(list)-most+1)
}

// identity is what the mesh tells callers apart by.
func (e *Engine) identity(p model.Peer) string {
	source, _ := e.mesh.Classes(p)
	return strconv.Itoa(source)
}

// told are the policies of the mesh by namespace.
type told struct {
	root string
	in   map[string][]selecting
	// clients is true if the TLS of clients is set by hand, somewhere.
	clients bool
}

type selecting struct {
	name string
	labels.Selector
}

// policiesOf returns the policies of the mesh; nil if there are none at all.
func (e *Engine) policiesOf() *told {
	out := &told{root: e.config.RootNamespace, in: map[string][]selecting{}}
	add := func(r ref.Ref, set map[string]string) {
		out.in[r.Namespace] = append(out.in[r.Namespace], selecting{r.Kind + "/" + r.Namespace + "/" + r.Name, labels.SelectorFromSet(set)})
	}
	for _, p := range model.AuthorizationPolicies.In(e.s, "") {
		add(p.Ref, p.Value.Spec.GetSelector().GetMatchLabels())
	}
	for _, p := range model.PeerAuthentications.In(e.s, "") {
		add(p.Ref, p.Value.Spec.GetSelector().GetMatchLabels())
	}
	for _, k := range []*model.Kind{model.AuthorizationPolicies.Kind, model.PeerAuthentications.Kind} {
		if _, hidden := e.s.Gap(k.GroupKind, ""); hidden {
			return out
		}
	}
	for _, d := range model.DestinationRules.In(e.s, "") {
		out.clients = out.clients || d.Value.Spec.GetTrafficPolicy().GetTls() != nil || len(d.Value.Spec.GetTrafficPolicy().GetPortLevelSettings()) > 0
	}
	if len(out.in) == 0 && !out.clients {
		return nil
	}
	return out
}

// key is equal for targets that the same policies select, on the same ports.
func (x *told) key(e *Engine, p model.Peer) string {
	var b strings.Builder
	for _, ns := range []string{x.root, p.Namespace} {
		for _, s := range x.in[ns] {
			if s.Matches(p.Labels) {
				b.WriteString(s.name)
				b.WriteByte(' ')
			}
		}
		if p.Namespace == x.root {
			break
		}
	}
	_, hidden := e.s.Gap(model.AuthorizationPolicies.GroupKind, p.Namespace)
	if b.Len() == 0 && !hidden && !x.clients {
		return ""
	}
	_, target := e.mesh.Classes(p)
	return fmt.Sprint(target, " ", e.portsOf(p))
}

// portsOf are the TCP ports at which a pod is likely to be called: those it
// declares, and those that Services lead to.
func (e *Engine) portsOf(p model.Peer) []int32 {
	var out []int32
	for _, c := range containerPorts(p) {
		if orTCP(c.Protocol) == corev1.ProtocolTCP {
			out = append(out, c.ContainerPort)
		}
	}
	if p.Workload != nil {
		for _, svc := range e.s.InFront(p.Workload) {
			for _, sp := range svc.Value.Spec.Ports {
				if n, ok := podPortOf(sp, p); ok && orTCP(sp.Protocol) == corev1.ProtocolTCP {
					out = append(out, n)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
