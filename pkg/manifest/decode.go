// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxExpanded limits the nodes that aliases and merge keys of one document add.
const maxExpanded = 100_000

// decoder turns nodes into JSON values.
type decoder struct {
	*tree
	tolerant bool           // the last of several entries with the same key counts
	expanded int            // nodes decoded through aliases
	inside   map[*node]bool // aliased nodes being decoded, to find cycles
	outer    *node          // the alias at which expansion started
}

func fail(n *node, format string, args ...any) *problem {
	return &problem{offset: n.start, text: fmt.Sprintf(format, args...)}
}

func (d *decoder) value(n *node) (any, *problem) {
	if len(d.inside) > 0 {
		if p := d.expand(d.outer); p != nil {
			return nil, p
		}
	}
	switch n.kind {
	case alias:
		return d.alias(n, d.value)
	case mapping:
		out := make(map[string]any, len(n.kids)/2)
		if p := d.entries(n, out); p != nil {
			return nil, p
		}
		return out, nil
	case sequence:
		out := make([]any, len(n.kids))
		for i, kid := range n.kids {
			v, p := d.value(kid)
			if p != nil {
				return nil, p
			}
			out[i] = v
		}
		return out, nil
	}
	return d.scalar(n)
}

// expand counts a node that an alias or merge key adds.
func (d *decoder) expand(at *node) *problem {
	if d.expanded++; d.expanded > maxExpanded {
		return fail(at, "expected aliases that expand to at most %d nodes, found more", maxExpanded)
	}
	return nil
}

// alias decodes what n stands for with decode.
func (d *decoder) alias(n *node, decode func(*node) (any, *problem)) (any, *problem) {
	if d.inside[n.to] || len(d.inside) > maxDepth {
		return nil, fail(n, "expected a value, found the alias *%s that contains itself", n.text)
	}
	if d.inside == nil {
		d.inside = map[*node]bool{}
	}
	if len(d.inside) == 0 {
		d.outer = n
	}
	d.inside[n.to] = true
	defer delete(d.inside, n.to)
	return decode(n.to)
}

func (d *decoder) scalar(n *node) (any, *problem) {
	if d.json {
		return jsonScalar(n), nil
	}
	v, err := resolve(n)
	if err == nil {
		v, err = toJSON(v)
	}
	if err != nil {
		return nil, fail(n, "%v", err)
	}
	return v, nil
}

func jsonScalar(n *node) any {
	if n.style == double {
		return n.text
	}
	switch n.text {
	case "null":
		return nil
	case "true":
		return true
	case "false":
		return false
	}
	if !strings.ContainsAny(n.text, ".eE") {
		if i, err := strconv.ParseInt(n.text, 10, 64); err == nil {
			return i
		}
	}
	f, err := strconv.ParseFloat(n.text, 64)
	if err != nil {
		return n.text // out of range: kept as text rather than lost
	}
	return f
}

// entries decodes a mapping into out. As with kubectl, merged entries replace
// the ones before them and are replaced by the ones after.
func (d *decoder) entries(n *node, out map[string]any) *problem {
	var own map[string]*node // explicit keys, needed once there is a merge
	for i := 0; i+1 < len(n.kids); i += 2 {
		k, v := n.kids[i], n.kids[i+1]
		if d.isMerge(k) {
			if own == nil {
				own = explicitKeys(d, n, i)
			}
			if p := d.merge(v, out); p != nil {
				return p
			}
			continue
		}
		key, p := d.key(k)
		if p != nil {
			return p
		}
		_, twice := out[key]
		if own != nil {
			_, twice = own[key]
			own[key] = k
		}
		if twice && !d.tolerant {
			return d.duplicate(n, k, key)
		}
		if out[key], p = d.value(v); p != nil {
			return p
		}
	}
	return nil
}

// explicitKeys returns the keys of the entries before kids[end].
func explicitKeys(d *decoder, n *node, end int) map[string]*node {
	own := map[string]*node{}
	for i := 0; i < end; i += 2 {
		if key, p := d.key(n.kids[i]); p == nil {
			own[key] = n.kids[i]
		}
	}
	return own
}

func (d *decoder) duplicate(n, second *node, key string) *problem {
	p := fail(second, "expected each key once, found the key %q a second time", key)
	for i := 0; i < len(n.kids); i += 2 {
		if k, bad := d.key(n.kids[i]); bad == nil && k == key && !d.isMerge(n.kids[i]) {
			p.first, p.hint = n.kids[i], "delete one of the two"
			break
		}
	}
	return p
}

func (d *decoder) isMerge(k *node) bool {
	return !d.json && k.kind == scalar && k.text == "<<" && (k.style == plain && k.tag == "" || k.tag == "!!merge")
}

func (d *decoder) merge(v *node, out map[string]any) *problem {
	if p := d.expand(v); p != nil {
		return p
	}
	switch {
	case v.kind == alias && v.to != nil && v.to.kind == mapping:
		_, p := d.alias(v, func(to *node) (any, *problem) { return nil, d.entriesInto(to, out) })
		return p
	case v.kind == mapping:
		return d.entriesInto(v, out)
	case v.kind == sequence:
		for i := len(v.kids) - 1; i >= 0; i-- { // the first has the last word
			if kid := v.kids[i]; kid.kind == sequence || kid.kind == scalar {
				break
			} else if p := d.merge(kid, out); p != nil {
				return p
			}
			if i == 0 {
				return nil
			}
		}
		if len(v.kids) == 0 {
			return nil
		}
	}
	return fail(v, "expected a mapping or a list of mappings after the merge key <<")
}

// entriesInto decodes a merged mapping over what out holds already.
func (d *decoder) entriesInto(n *node, out map[string]any) *problem {
	entries := make(map[string]any, len(n.kids)/2)
	if p := d.entries(n, entries); p != nil {
		return p
	}
	for k, v := range entries {
		out[k] = v
	}
	return nil
}

// key decodes a mapping key.
func (d *decoder) key(k *node) (string, *problem) {
	target := k
	if k.kind == alias {
		target = k.to
	}
	if target == nil || target.kind != scalar {
		p := fail(k, "expected a key, found %s", describeNode(target))
		if strings.HasPrefix(string(d.src[k.start:]), "{") {
			p.hint = hintTemplate
		}
		return "", p
	}
	if d.json || target.tag == "" && target.style != plain {
		return target.text, nil
	}
	v, err := resolve(target)
	if err == nil {
		if key, ok := keyString(v); ok {
			return key, nil
		}
		err = errors.New("expected a key, found null or a number that is too large: quote it")
	}
	return "", fail(k, "%v", err)
}

func describeNode(n *node) string {
	switch {
	case n == nil:
		return "nothing"
	case n.kind == mapping:
		return "a mapping"
	case n.kind == sequence:
		return "a list"
	}
	return "a scalar"
}
