// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network

import (
	"encoding/binary"
	"maps"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// classifier sorts ends into classes by what policies ask of them: namespace,
// labels some selector names, named ports some rule uses, addresses some range
// takes in. Two ends of one class get the same answer to every question.
type classifier struct {
	*Engine
	// labels number the values of the keys that pod selectors name.
	labels map[string]*labelKey
	// names are the port names that rules use.
	names []string
	// blocks are the ranges that rules use.
	blocks []*blocks

	namespaces map[string]int
	ports      map[string]int
	byKey      map[string]int
	classes    []Class
	ends       []*end
	// portClass is the number of what the names mean on a class; 0 for nothing.
	portClass []int
	key       []byte
}

// labelKey is a key that selectors name.
type labelKey struct {
	id     int
	values map[string]int
	// presence is true when some selector asks whether the key is there at all.
	presence bool
}

// otherValue is the number of every value that no selector names.
const otherValue = 1

func newClassifier(e *Engine) *classifier {
	c := &classifier{
		Engine: e, labels: map[string]*labelKey{}, namespaces: map[string]int{},
		ports: map[string]int{"": 0}, byKey: map[string]int{},
	}
	names, blocks := map[string]bool{}, map[string]*blocks{}
	for p := range e.all() {
		c.learn(p.pods)
		for _, rules := range p.rules {
			for _, r := range rules {
				for i := range r.peers {
					c.learn(r.peers[i].pods)
					if b := r.peers[i].blocks; b != nil {
						blocks[b.text] = b
					}
				}
				for _, x := range r.ports {
					if x.name != "" {
						names[x.name] = true
					}
				}
			}
		}
	}
	c.names = slices.Sorted(maps.Keys(names))
	for _, text := range slices.Sorted(maps.Keys(blocks)) {
		c.blocks = append(c.blocks, blocks[text])
	}
	return c
}

// learn takes in the keys and values that a selector of pods names.
func (c *classifier) learn(s *selector) {
	if s == nil {
		return
	}
	for _, r := range s.requirements {
		k := c.labels[r.key]
		if k == nil {
			k = &labelKey{id: len(c.labels), values: map[string]int{}}
			c.labels[r.key] = k
		}
		k.presence = k.presence || len(r.values) == 0
		for _, v := range r.values {
			if k.values[v] == 0 {
				k.values[v] = otherValue + 1 + len(k.values)
			}
		}
	}
}

// add puts an end into its class, and returns the class.
func (c *classifier) add(x *end) int {
	portClass := c.signature(x)
	class, known := c.byKey[string(c.key)]
	if !known {
		class = len(c.classes)
		c.byKey[string(c.key)] = class
		c.classes = append(c.classes, Class{Peer: x.Peer})
		c.ends = append(c.ends, x)
		c.portClass = append(c.portClass, portClass)
	}
	return class
}

// signature writes what tells classes apart into c.key.
func (c *classifier) signature(x *end) (portClass int) {
	c.key = append(c.key[:0], byte(x.kind))
	if x.pod() {
		c.key = binary.BigEndian.AppendUint32(c.key, uint32(number(c.namespaces, x.Namespace)))
		portClass = c.portsOf(x.Spec)
		c.key = binary.BigEndian.AppendUint32(c.key, uint32(portClass))
		c.labelsOf(x)
	}
	if x.kind == addresses { // the internet of each family is a class of its own
		named := byte(0)
		if c.space.names(x.Block) {
			named = 1
		}
		c.key = append(c.key, byte(x.Block.Addr().BitLen()), named)
	}
	for _, b := range c.blocks {
		if x.kind == ordinary && !b.pods {
			continue // cheap, as there are many pods
		}
		m, _ := b.match(c.Engine, x)
		c.key = append(c.key, byte(m))
	}
	return portClass
}

// labelsOf appends the labels that selectors name, in an order of their own.
func (c *classifier) labelsOf(x *end) {
	var buffer [16]uint64
	found := buffer[:0]
	for key, value := range x.Labels {
		k := c.labels[key]
		if k == nil {
			continue
		}
		v := k.values[value]
		if v == 0 && k.presence {
			v = otherValue
		}
		if v != 0 {
			found = append(found, uint64(k.id)<<32|uint64(v))
		}
	}
	slices.Sort(found)
	c.key = append(c.key, byte(len(found)>>8), byte(len(found)))
	for _, f := range found {
		c.key = binary.BigEndian.AppendUint64(c.key, f)
	}
}

// portsOf numbers what the names that rules use mean on a pod.
func (c *classifier) portsOf(spec *corev1.PodSpec) int {
	if len(c.names) == 0 {
		return 0
	}
	var buffer [64]byte
	key := buffer[:0]
	for i, name := range c.names {
		for _, r := range named(spec, name) {
			key = binary.BigEndian.AppendUint32(key, uint32(i))
			key = binary.BigEndian.AppendUint32(append(key, r.Protocol...), uint32(r.First))
		}
	}
	return number(c.ports, string(key))
}

// number is the number of a text, a new one for a new text.
func number(of map[string]int, text string) int {
	n, known := of[text]
	if !known {
		n = len(of)
		of[text] = n
	}
	return n
}

// addSpace adds the addresses, by one of each interval; those that no policy
// names stand behind the prefix of their family.
func (c *classifier) addSpace() {
	for _, x := range c.space.intervals {
		p := netip.PrefixFrom(x.First, x.First.BitLen())
		if x.rest {
			p = netip.PrefixFrom(x.First, 0).Masked()
		}
		class := &c.classes[c.add(c.end(model.Peer{Block: p}))]
		class.Addresses = append(class.Addresses, x.AddressRange)
		class.Internet = class.Internet || x.rest
	}
}
