// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network

// value is what policies say about one peer, in sets of ports. What each of them
// means depends on how far the policies were asked.
type value [4]portID

// The sets of a rule, and of all NetworkPolicies together: the ports that it
// surely matches, and those that it may (the sure ones among them).
const (
	sureSet = iota
	possibleSet
)

// The sets of policies whose order counts: the ports that they may allow, deny
// or pass on, and those about which they may say nothing.
const (
	allowSet = iota
	denySet
	passSet
	missSet
)

// nextSet is, after two tiers, the ports that the last one may decide.
const nextSet = passSet

// partition gives each class a value: the classes in parts theirs, all others
// rest. No class is in two parts, and no two parts have one value, or that of rest.
type partition struct {
	rest  value
	parts []part
}

type part struct {
	value value
	bits  bitset
}

// of is the value of a class.
func (p *partition) of(class int) value {
	for i := range p.parts {
		if p.parts[i].bits.has(class) {
			return p.parts[i].value
		}
	}
	return p.rest
}

// put gives classes, which are in no part yet, a value. The set may be kept.
func (p *partition) put(v value, bits bitset) {
	if v == p.rest {
		return
	}
	for i := range p.parts {
		if p.parts[i].value == v {
			sum := p.parts[i].bits.clone()
			sum.or(bits)
			p.parts[i].bits = sum
			return
		}
	}
	p.parts = append(p.parts, part{v, bits})
}

// combine is the partition whose value for each class is f of its values in p and q.
func combine(p, q partition, f func(value, value) value) partition {
	out := partition{rest: f(p.rest, q.rest)}
	if len(q.parts) == 0 || len(p.parts) == 0 {
		for _, x := range p.parts {
			out.put(f(x.value, q.rest), x.bits)
		}
		for _, y := range q.parts {
			out.put(f(p.rest, y.value), y.bits)
		}
		return out
	}
	for _, x := range p.parts {
		left := x.bits
		for _, y := range q.parts {
			both := left.and(y.bits)
			if both == nil {
				continue
			}
			out.put(f(x.value, y.value), both)
			left = left.clone()
			left.remove(y.bits)
		}
		if !left.empty() {
			out.put(f(x.value, q.rest), left)
		}
	}
	for _, y := range q.parts {
		left := y.bits.clone()
		for _, x := range p.parts {
			left.remove(x.bits)
		}
		if !left.empty() {
			out.put(f(p.rest, y.value), left)
		}
	}
	return out
}
