// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network

import (
	"encoding/binary"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// row is what the policies of one direction say about classes that the same
// policies select.
type row struct {
	members bitset
	// low and high bound the words of members that are not 0.
	low, high int
	policies  []*policy
	// partition has, for each class at the other end, the sets of a rule.
	partition
}

// rows computes the rows of one direction.
type rows struct {
	*index
	*portTable
	direction
	done map[cacheKey]partition
}

// cacheKey identifies what one policy says; port names on ingress make it depend
// on the subject.
type cacheKey struct {
	*policy
	portClass int
}

// compute returns the rows and the row of each class.
func (x *rows) compute() ([]*row, []int32) {
	selections := x.selections()
	byKey := map[string]int32{}
	of := make([]int32, x.n)
	var out []*row
	var key []byte
	for class := range x.n {
		end := x.ends[class]
		key = append(key[:0], byte(end.kind))
		if x.direction == ingress && len(x.names) > 0 {
			key = binary.AppendUvarint(key, uint64(x.portClass[class]))
		}
		for _, s := range selections.of[class] {
			key = binary.AppendUvarint(key, uint64(s))
		}
		n, known := byKey[string(key)]
		if !known {
			n = int32(len(out))
			byKey[string(key)] = n
			out = append(out, x.row(end, x.portClass[class], selections.list(class)))
		}
		out[n].members.add(class)
		of[class] = n
	}
	for _, r := range out {
		r.bound()
	}
	return out, of
}

func (r *row) bound() {
	r.high = len(r.members)
	for r.high > 0 && r.members[r.high-1] == 0 {
		r.high--
	}
	for r.low < r.high && r.members[r.low] == 0 {
		r.low++
	}
}

// row asks the tiers as question.answer does, for all peers and ports at once.
func (x *rows) row(subject *end, portClass int, selected []selection) *row {
	out := &row{members: newBitset(x.n)}
	byTier := map[tier][]selection{}
	for _, s := range selected {
		byTier[s.tier] = append(byTier[s.tier], s)
		out.policies = append(out.policies, s.policy)
	}
	p := x.ordered(byTier[admin], subject.Spec, portClass)
	if own := byTier[namespaced]; len(own) > 0 {
		surely := slices.ContainsFunc(own, func(s selection) bool { return !s.maybe })
		next := !surely || subject.kind == host
		p = combine(p, x.union(own, subject.Spec, portClass), func(a, np value) value {
			return x.afterNamespaced(a, np, next)
		})
	} else {
		p = combine(p, partition{}, func(a, _ value) value {
			a[nextSet] = x.or(a[passSet], a[missSet])
			return a
		})
	}
	p = combine(p, x.ordered(byTier[baseline], subject.Spec, portClass), x.final)
	if nodes := x.byKind[node]; subject.kind == node || !nodes.empty() {
		free := partition{rest: value{}, parts: []part{{value{allID, allID}, nodes}}}
		if subject.kind == node {
			free.parts[0].bits = x.everything
		}
		p = combine(p, free, func(a, free value) value {
			if free[sureSet] == allID {
				return free
			}
			return a
		})
	}
	out.partition = p
	return out
}

// afterNamespaced is what may come of the first two tiers: ports allowed, denied
// and left for the baseline.
func (x *rows) afterNamespaced(a, np value, next bool) value {
	left := x.or(a[passSet], a[missSet])
	out := value{
		allowSet: x.or(a[allowSet], x.and(left, np[possibleSet])),
		denySet:  x.or(a[denySet], x.minus(left, np[sureSet])),
	}
	if next {
		out[nextSet] = left
	}
	return out
}

// final is what comes of all tiers; what nobody decides is allowed.
func (x *rows) final(a, base value) value {
	left := a[nextSet]
	open := x.or(base[allowSet], x.or(base[passSet], base[missSet]))
	allowed := x.or(a[allowSet], x.and(left, open))
	denied := x.or(a[denySet], x.and(left, base[denySet]))
	return value{sureSet: x.minus(allowed, denied), possibleSet: allowed}
}

// union is what the rules of NetworkPolicies allow together.
func (x *rows) union(own []selection, subject *corev1.PodSpec, portClass int) partition {
	var out partition
	for _, s := range own {
		p := x.cached(s.policy, portClass, func() partition {
			var all partition
			for _, r := range s.rules[x.direction] {
				all = combine(all, x.rule(r, subject), x.either)
			}
			return all
		})
		if s.maybe {
			p = combine(p, partition{}, func(v, _ value) value { return value{possibleSet: v[possibleSet]} })
		}
		out = combine(out, p, x.either)
	}
	return out
}

func (x *rows) either(a, b value) value {
	return value{sureSet: x.or(a[sureSet], b[sureSet]), possibleSet: x.or(a[possibleSet], b[possibleSet])}
}

// ordered is what policies by priority decide; of those of one priority any may
// go first.
func (x *rows) ordered(selected []selection, subject *corev1.PodSpec, portClass int) partition {
	out := partition{rest: value{missSet: allID}}
	for len(selected) > 0 {
		group := partition{rest: value{missSet: allID}}
		n := 0
		for ; n < len(selected) && selected[n].priority == selected[0].priority; n++ {
			group = combine(group, x.first(selected[n], subject, portClass), func(a, b value) value {
				for i := range missSet {
					a[i] = x.or(a[i], b[i])
				}
				a[missSet] = x.and(a[missSet], b[missSet])
				return a
			})
		}
		out = combine(out, group, func(a, b value) value {
			for i := range missSet {
				a[i] = x.or(a[i], x.and(a[missSet], b[i]))
			}
			a[missSet] = x.and(a[missSet], b[missSet])
			return a
		})
		selected = selected[n:]
	}
	return out
}

// first is what one policy decides, whose first rule that matches counts.
func (x *rows) first(s selection, subject *corev1.PodSpec, portClass int) partition {
	p := x.cached(s.policy, portClass, func() partition {
		all := partition{rest: value{missSet: allID}}
		for _, r := range s.rules[x.direction] {
			all = combine(all, x.rule(r, subject), func(a, b value) value {
				here := x.and(a[missSet], b[possibleSet])
				for i, does := range [...]action{allowSet: allow, denySet: deny, passSet: pass} {
					if r.action&does != 0 {
						a[i] = x.or(a[i], here)
					}
				}
				a[missSet] = x.minus(a[missSet], b[sureSet])
				return a
			})
		}
		return all
	})
	if s.maybe {
		p = combine(p, partition{}, func(v, _ value) value {
			v[missSet] = allID
			return v
		})
	}
	return p
}

// cached computes what one policy says once for all rows.
func (x *rows) cached(p *policy, portClass int, compute func() partition) partition {
	if x.direction == egress || !slices.ContainsFunc(p.rules[ingress], (*rule).usesNames) {
		portClass = 0
	}
	key := cacheKey{p, portClass}
	if out, known := x.done[key]; known {
		return out
	}
	out := compute()
	x.done[key] = out
	return out
}

// rule is the sets of one rule for each peer.
func (x *rows) rule(r *rule, subject *corev1.PodSpec) partition {
	g := x.peers(r)
	var out partition
	put := func(spec *corev1.PodSpec, sure, perhaps bitset) {
		surePorts, possible := r.portsOn(spec)
		all := x.id(possible)
		if sure != nil && !sure.empty() {
			out.put(value{sureSet: x.id(surePorts), possibleSet: all}, sure)
		}
		if perhaps != nil && !perhaps.empty() {
			out.put(value{possibleSet: all}, perhaps)
		}
	}
	if x.direction == ingress || !r.usesNames() {
		put(subject, g.sure, g.maybe)
		return out
	}
	left := graded{g.sure.clone(), g.maybe.clone()}
	for _, with := range x.byPorts {
		for class := range with.all() {
			put(x.ends[class].Spec, g.sure.and(with), g.maybe.and(with))
			break
		}
		left.sure.remove(with)
		left.maybe.remove(with)
	}
	put(nil, left.sure, left.maybe)
	return out
}
