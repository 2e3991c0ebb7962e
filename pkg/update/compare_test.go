// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package update_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/update"
)

// comparison is of what an update made with what it was to make.
type comparison struct {
	*testing.T
	base, user, generated, result tree
	plan                          update.Plan
	wins                          string
}

// objects compares the values of the objects of all files that are generated.
func (c comparison) objects() {
	c.Helper()
	all := c.everywhere()
	for path, text := range c.generated {
		if isKustomization(path) || strings.HasPrefix(path, update.Folder) {
			continue
		}
		was, user, result := parse(c.T, path, c.base[path]), parse(c.T, path, c.user[path]), parse(c.T, path, c.result[path])
		for key, g := range parse(c.T, path, text) {
			b, u := was[key], user[key]
			kind := g.kind()
			var want any
			switch {
			case u.value != nil && c.unchangeable(path, key):
				want = u.value
			case u.value != nil:
				want = naive(kind, b.value, u.value, g.value, c.wins)
			case b.value == nil && !all[key] && !c.unfinished(path):
				want = g.value
			}
			if diff := cmp.Diff(sorted(kind, want), sorted(kind, result[key].value)); diff != "" {
				c.Fatalf("%s of %s (-naive +merged):\n%s\n%s", key, path, diff, c.result[path])
			}
		}
		for key, u := range user {
			if _, now := parse(c.T, path, text)[key]; now {
				continue
			}
			kept := was[key].text != u.text && c.wins != update.Generated
			if _, there := result[key]; kept && !there {
				c.Fatalf("%s of %s was changed by hand, and is gone", key, path)
			} else if there && was[key].value != nil && !kept {
				c.Fatalf("%s of %s is generated no more, and is there:\n%s", key, path, c.result[path])
			}
		}
	}
}

// everywhere are the objects that were generated.
func (c comparison) everywhere() map[string]bool {
	out := map[string]bool{}
	for path, text := range c.base {
		if !isKustomization(path) && !strings.HasPrefix(path, update.Folder) {
			for key := range parse(c.T, path, text) {
				out[key] = true
			}
		}
	}
	return out
}

// unchangeable reports an object of which a conflict says that it cannot be
// changed in place, which only those with anchors are.
func (c comparison) unchangeable(path, key string) bool {
	for _, one := range c.plan.Conflicts {
		words := strings.Fields(key)
		if one.Why == "" || !strings.HasPrefix(one.Where, path+":") || !strings.Contains(one.Object, words[len(words)-1]) {
			continue
		}
		if !strings.Contains(c.user[path], "&x 'anchored'") {
			c.Fatalf("%s cannot be changed in place: %s\n%s", key, one.Why, c.user[path])
		}
		return true
	}
	return false
}

// unfinished reports a file to which nothing can be added.
func (c comparison) unfinished(path string) bool {
	return slices.ContainsFunc(c.plan.Notes, func(n string) bool { return strings.HasPrefix(n, path+".micro-new") })
}

var marker = regexp.MustCompile(`mark[0-9]+`)

// marks looks for what people wrote in places where what is generated, and the
// lines around it, stayed the same.
func (c comparison) marks() {
	c.Helper()
	for path, text := range c.user {
		if strings.HasPrefix(path, update.Folder) {
			continue
		}
		_, generated := c.generated[path]
		for _, m := range marker.FindAllString(text, -1) {
			if strings.Contains(c.result[path], m) || c.wins == update.Generated && !generated {
				continue
			}
			if !generated || c.steady(path, m) {
				c.Fatalf("%s of %s is gone:\n%s\nwas\n%s", m, path, c.result[path], text)
			}
		}
	}
}

// steady reports whether the lines around what people wrote are once in what was
// generated, and once, the same, in what is generated now.
func (c comparison) steady(path, mark string) bool {
	var around []string
	lines := strings.Split(strings.ReplaceAll(c.user[path], "\r\n", "\n"), "\n")
	at := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, mark) })
	for _, line := range lines[max(0, at-4):min(len(lines), at+5)] {
		if line, _, _ = strings.Cut(line, "#"); strings.TrimSpace(line) != "" && !marker.MatchString(line) {
			around = append(around, strings.TrimRight(line, " \t"))
		}
	}
	want := "\n" + strings.Join(around, "\n") + "\n"
	return strings.Count("\n"+c.base[path], want) == 1 && strings.Count("\n"+c.generated[path], want) == 1
}

// untouched wants the files that nobody changed as they are generated, but for
// what was deleted elsewhere, and those that only people changed as they left them.
func (c comparison) untouched() {
	c.Helper()
	for path, was := range c.base {
		if strings.HasPrefix(path, update.Folder) || isKustomization(path) {
			continue
		}
		user, here := c.user[path]
		switch now, generated := c.generated[path]; {
		case here && user == was && generated && c.result[path] != now, here && user == was && !generated && c.result[path] != "":
			c.Fatalf("%s, which nobody changed, is another than what is generated:\n%s", path, cmp.Diff(now, c.result[path]))
		case generated && now == was && c.result[path] != user, !generated && user != was && c.result[path] != user:
			c.Fatalf("%s, which only people changed, is another than theirs:\n%s", path, cmp.Diff(user, c.result[path]))
		}
	}
	for path := range c.result {
		if of, base := strings.CutPrefix(path, update.BaseFolder+"/"); base && !slices.Contains(c.plan.Generated, of) {
			c.Fatalf("%s is of a file that is generated no more", path)
		}
	}
	for path, text := range c.user {
		if strings.HasPrefix(path, "k8s/mine") && c.result[path] != text {
			c.Fatalf("%s is nobody's but the user's, and was changed", path)
		}
	}
}
