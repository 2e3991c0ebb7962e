// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package update_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/update"
)

// hands change files as people do.
type hands struct {
	*rand.Rand
	tree    tree
	next    int
	strange bool // something that cannot be changed in place was written
}

// work changes some of the files of a tree.
func (h *hands) work() {
	for range 1 + h.IntN(12) {
		paths := h.files()
		if len(paths) == 0 {
			return
		}
		path := paths[h.IntN(len(paths))]
		switch h.IntN(40) {
		case 0:
			delete(h.tree, path)
		case 1:
			h.tree[fmt.Sprintf("k8s/mine%d.yaml", h.IntN(1000))] = h.tree[path]
			delete(h.tree, path)
		case 2:
			h.tree[path] = strings.ReplaceAll(strings.ReplaceAll(h.tree[path], "\r\n", "\n"), "\n", "\r\n")
		case 3:
			h.tree[path] = strings.TrimRight(h.tree[path], "\r\n")
		default:
			h.edit(path)
		}
	}
}

// files are those that are generated, but for the kustomizations, which are more
// easily broken than changed.
func (h *hands) files() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(h.tree)), func(path string) bool {
		return strings.HasPrefix(path, update.Folder) || strings.HasPrefix(path, "k8s/mine") || strings.Contains(strings.ToLower(path), "kustomization")
	})
}

// edit changes a file in one place, unless nobody could read it then.
func (h *hands) edit(path string) {
	windows := strings.Contains(h.tree[path], "\r\n")
	lines := strings.Split(strings.ReplaceAll(h.tree[path], "\r\n", "\n"), "\n")
	for range 50 {
		changed := h.line(slices.Clone(lines), h.IntN(len(lines)))
		if changed == nil {
			continue
		}
		text := strings.Join(changed, "\n")
		if _, err := tryParse(text); err != nil {
			continue
		}
		if windows {
			text = strings.ReplaceAll(text, "\n", "\r\n")
		}
		h.tree[path] = text
		return
	}
}

func (h *hands) mark() string { h.next++; return fmt.Sprintf("mark%d", h.next) }

// line makes one change at a line; nil if it does not fit there.
func (h *hands) line(lines []string, i int) []string {
	line := lines[i]
	body := strings.TrimLeft(line, " ")
	indent := line[:len(line)-len(body)]
	key, value, scalar := strings.Cut(body, ": ")
	plain := scalar && !strings.ContainsAny(value, `"'#|>{[&*`) && value != ""
	if body == "" || strings.HasPrefix(body, "#") || strings.HasPrefix(body, "---") {
		return nil
	}
	insert := func(at int, more ...string) []string { return slices.Insert(lines, at, more...) }
	switch h.IntN(12) {
	case 0:
		return insert(i, indent+"# "+h.mark()+"\twith a tab, \"quotes\" and: colons")
	case 1:
		if plain || strings.HasSuffix(body, ":") {
			lines[i] += []string{" # ", "\t# ", "   #"}[h.IntN(3)] + h.mark()
			return lines
		}
	case 2:
		return insert(i, "")
	case 3:
		if plain && !strings.HasPrefix(body, "- ") {
			lines[i] = indent + key + ":   '" + value + "'"
			return lines
		}
	case 4:
		if plain && slices.Contains([]string{"replicas", "image", "cpu", "memory", "value", "maxReplicas", "owner", "path", "periodSeconds", "log-level"}, strings.TrimPrefix(key, "- ")) {
			lines[i] = indent + key + ": " + []string{"7", "mine", "10m"}[h.IntN(3)]
			return lines
		}
	case 5:
		if body == "labels:" {
			return insert(i+1, indent+"  "+h.mark()+": x")
		}
	case 6:
		if body == "env:" {
			return insert(i+1, indent+"- {name: "+strings.ToUpper(h.mark())+",   value: 'x'}")
		}
	case 7: // an item of a list is gone
		if strings.HasPrefix(body, "- name: ") {
			return slices.Delete(lines, i, h.end(lines, i, indent))
		}
	case 8: // the first item of a list is the last
		if body == "env:" || body == "ports:" || body == "volumeMounts:" || body == "volumes:" {
			return h.rotate(lines, i+1, indent)
		}
	case 9:
		if body == "metadata:" {
			return insert(i+1, indent+"  finalizers: [example.com/"+h.mark()+"]")
		}
	case 10:
		if body == "metadata:" {
			return insert(i+1, indent+"  annotations:", indent+"    note: |", indent+"      two lines # no comment", "", indent+"      of "+h.mark())
		}
	case 11:
		if h.IntN(8) == 0 {
			return h.rare(lines, i)
		}
	}
	return nil
}

// rare changes an object as a whole.
func (h *hands) rare(lines []string, i int) []string {
	from, to := i, i
	for from > 0 && lines[from] != "---" {
		from--
	}
	for to++; to < len(lines) && lines[to] != "---"; to++ {
	}
	if h.IntN(3) == 0 {
		at := slices.Index(lines[from:to], "metadata:")
		if at < 0 || slices.Contains(lines[from:to], "  annotations:") {
			return nil
		}
		h.strange = true
		return slices.Insert(lines, from+at+1, "  annotations:", "    a: &x 'anchored'", "    b: *x")
	}
	return slices.Delete(lines, from, min(to, len(lines)))
}

// end is where the item that begins at a line ends.
func (h *hands) end(lines []string, i int, indent string) int {
	for i++; i < len(lines) && strings.HasPrefix(lines[i], indent+" "); i++ {
	}
	return i
}

func (h *hands) rotate(lines []string, first int, indent string) []string {
	if first >= len(lines) || !strings.HasPrefix(lines[first], indent+"- ") {
		return nil
	}
	second := h.end(lines, first, indent)
	last := second
	for last < len(lines) && strings.HasPrefix(lines[last], indent+"- ") {
		last = h.end(lines, last, indent)
	}
	item := slices.Clone(lines[first:second])
	return slices.Insert(slices.Delete(lines, first, second), last-len(item), item...)
}
