// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network

import "slices"

// index answers selectors and ranges with sets of classes.
type index struct {
	*classifier
	n int
	// everything is all classes; byKind those of a kind of end.
	everything  bitset
	byKind      map[endKind]bitset
	byNamespace map[string]bitset
	// byLabel are the pods that have a key, by its value; withKey all of them.
	byLabel   map[string]map[string]bitset
	withKey   map[string]bitset
	byPorts   map[int]bitset
	selected  map[*selector]bitset
	inBlocks  map[*blocks]graded
	inSpaces  map[*selector]graded
	peerCache map[peerKey]graded
}

// graded are the classes that something matches surely, and those that it may
// match. No class is in both.
type graded struct{ sure, maybe bitset }

// peerKey identifies a peer of selectors, wherever it is written.
type peerKey struct {
	namespaces, pods *selector
	own              string
}

func newIndex(c *classifier) *index {
	x := &index{
		classifier: c, n: len(c.classes), everything: newBitset(len(c.classes)),
		byKind: map[endKind]bitset{}, byNamespace: map[string]bitset{},
		byLabel: map[string]map[string]bitset{}, withKey: map[string]bitset{}, byPorts: map[int]bitset{},
		selected: map[*selector]bitset{}, inBlocks: map[*blocks]graded{},
		inSpaces: map[*selector]graded{}, peerCache: map[peerKey]graded{},
	}
	for _, kind := range []endKind{ordinary, host, addresses, node} {
		x.byKind[kind] = newBitset(x.n)
	}
	for key, k := range c.labels {
		x.withKey[key], x.byLabel[key] = newBitset(x.n), map[string]bitset{}
		for value := range k.values {
			x.byLabel[key][value] = newBitset(x.n)
		}
	}
	for i, end := range c.ends {
		x.everything.add(i)
		x.byKind[end.kind].add(i)
		if end.pod() {
			x.pod(i, end)
		}
	}
	return x
}

func (x *index) pod(i int, end *end) {
	setIn(x.byNamespace, end.Namespace, x.n).add(i)
	setIn(x.byPorts, x.portClass[i], x.n).add(i)
	for key, value := range end.Labels {
		if with := x.withKey[key]; with != nil {
			with.add(i)
			if b := x.byLabel[key][value]; b != nil {
				b.add(i)
			}
		}
	}
}

func setIn[K comparable](sets map[K]bitset, key K, n int) bitset {
	b := sets[key]
	if b == nil {
		b = newBitset(n)
		sets[key] = b
	}
	return b
}

// pods are the pods that a selector that is not broken selects by their labels.
func (x *index) podsOf(s *selector) bitset {
	if b := x.selected[s]; b != nil {
		return b
	}
	out := x.everything.clone()
	for _, r := range s.requirements {
		meets := x.withKey[r.key]
		if len(r.values) > 0 {
			meets = newBitset(x.n)
			for _, v := range r.values {
				meets.or(x.byLabel[r.key][v])
			}
		}
		if r.negative {
			out.remove(meets)
		} else {
			out.keep(meets)
		}
	}
	x.selected[s] = out
	return out
}

// spaces are the pods in the namespaces that a selector takes in.
func (x *index) spaces(s *selector) graded {
	if g, known := x.inSpaces[s]; known {
		return g
	}
	g := graded{newBitset(x.n), newBitset(x.n)}
	for name, pods := range x.byNamespace {
		switch s.takes(x.Engine.namespace(name)) {
		case yes:
			g.sure.or(pods)
		case maybe:
			g.maybe.or(pods)
		}
	}
	x.inSpaces[s] = g
	return g
}

// blockOf are the classes whose addresses ranges take in.
func (x *index) blockOf(b *blocks) graded {
	if g, known := x.inBlocks[b]; known {
		return g
	}
	g := graded{newBitset(x.n), newBitset(x.n)}
	for i, end := range x.ends {
		switch m, _ := b.match(x.Engine, end); m {
		case yes:
			g.sure.add(i)
		case maybe:
			g.maybe.add(i)
		}
	}
	x.inBlocks[b] = g
	return g
}

// podsIn are the pods that two selectors select, nil namespaces being the own one.
func (x *index) podsIn(namespaces, pods *selector, own string) graded {
	key := peerKey{namespaces, pods, own}
	if namespaces != nil {
		key.own = ""
	}
	if g, known := x.peerCache[key]; known {
		return g
	}
	g := graded{newBitset(x.n), newBitset(x.n)}
	switch in := x.byNamespace[own]; {
	case namespaces != nil:
		spaces := x.spaces(namespaces)
		g = graded{spaces.sure.clone(), spaces.maybe.clone()}
	case in != nil:
		g.sure.or(in)
	}
	g.sure.keep(x.podsOf(pods))
	g.maybe.keep(x.podsOf(pods))
	x.peerCache[key] = g
	return g
}

// subjects are the classes that a policy selects.
func (x *index) subjects(p *policy) graded {
	var g graded
	switch own := x.byNamespace[p.Ref.Namespace]; {
	case p.broken == "" && (p.namespaces == nil || p.namespaces.broken == "") && p.pods.broken == "":
		g = x.podsIn(p.namespaces, p.pods, p.Ref.Namespace)
	case p.namespaces != nil:
		g = graded{newBitset(x.n), x.everything}
	case own != nil:
		g = graded{newBitset(x.n), own}
	default:
		g = graded{newBitset(x.n), newBitset(x.n)}
	}
	of := x.byKind[ordinary].clone()
	if p.tier == namespaced {
		of.or(x.byKind[host])
	}
	return graded{keep(g.sure, of), keep(g.maybe, of)}
}

func keep(b, of bitset) bitset {
	out := b.clone()
	out.keep(of)
	return out
}

// peers are the classes that the peers of a rule take in.
func (x *index) peers(r *rule) graded {
	out := graded{newBitset(x.n), newBitset(x.n)}
	switch {
	case r.everybody:
		out.sure = x.everything
	case slices.ContainsFunc(r.peers, func(p peer) bool { return p.broken != "" }):
		out.maybe = x.everything
	default:
		for i := range r.peers {
			g := x.peer(&r.peers[i], r.policy.Ref.Namespace)
			out.sure.or(g.sure)
			out.maybe.or(g.maybe)
		}
		out.maybe.remove(out.sure)
	}
	if r.broken != "" {
		all := out.sure.clone()
		all.or(out.maybe)
		return graded{newBitset(x.n), all}
	}
	return out
}

func (x *index) peer(p *peer, own string) graded {
	switch {
	case p.outside != "":
		g := graded{newBitset(x.n), x.byKind[addresses].clone()}
		if p.nodes {
			g.maybe.or(x.byKind[host])
		}
		return g
	case p.blocks != nil:
		return x.blockOf(p.blocks)
	}
	g := x.podsIn(p.namespaces, p.pods, own)
	return graded{keep(g.sure, x.byKind[ordinary]), keep(g.maybe, x.byKind[ordinary])}
}
