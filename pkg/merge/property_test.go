// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package merge_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/merge"
)

// TestRandomEdits: people add comments, blank lines, labels and variables, quote
// and reorder; the generator changes an image, a count and the list of variables.
// The lines of the result are those of the user but for the generator's changes,
// and what it means is both.
func TestRandomEdits(t *testing.T) {
	base, err := os.ReadFile("testdata/base.yaml")
	if err != nil {
		t.Fatal(err)
	}
	generated := base
	for _, change := range [][2]string{
		{"replicas: 3", "replicas: 4"},
		{"image: registry.example.com/web:1", "image: registry.example.com/web:2"},
		{"        - name: LAST\n          value: z\n", "        - name: NEW\n          value: new\n        - name: LAST\n          value: z\n"},
		{"    port: 80\n", "    port: 80\n    protocol: TCP\n"},
	} {
		if !bytes.Contains(generated, []byte(change[0])) {
			t.Fatalf("no %q", change[0])
		}
		generated = bytes.Replace(generated, []byte(change[0]), []byte(change[1]), 1)
	}
	removed, added := lineChanges(base, generated)
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		user := base
		for range 1 + r.IntN(6) {
			user = edit(r, user)
		}
		newline := "\n"
		if seed%4 == 0 {
			newline = "\r\n"
			user = bytes.ReplaceAll(user, []byte("\n"), []byte(newline))
		}
		result, err := merge.YAML("f.yaml", base, user, generated, merge.Options{})
		if err != nil || len(result.Conflicts) > 0 {
			t.Fatalf("seed %d: %v %v\n%s", seed, err, result.Conflicts, user)
		}
		gone, come := lineChanges(user, result.Content)
		if diff := cmp.Diff(removed, trim(gone)); diff != "" {
			t.Fatalf("seed %d: lines of the user that are gone (-want +got):\n%s\n%s", seed, diff, result.Content)
		}
		if diff := cmp.Diff(added, trim(come)); diff != "" {
			t.Fatalf("seed %d: lines that are new (-want +got):\n%s\n%s", seed, diff, result.Content)
		}
		if n := bytes.Count(result.Content, []byte("\n")); n != bytes.Count(result.Content, []byte(newline)) {
			t.Fatalf("seed %d: line endings changed: %q", seed, result.Content)
		}
		checkBoth(t, base, user, generated, result.Content)
	}
}

// trim takes comments off the lines that a change replaces, and line endings.
func trim(lines []string) []string {
	for i, line := range lines {
		line, _, _ = strings.Cut(line, " # ")
		lines[i] = strings.TrimRight(line, "\r")
	}
	slices.Sort(lines)
	return lines
}

// lineChanges are the lines that only one of two texts has, sorted. Lines with a
// comment that stays count as they are without it.
func lineChanges(from, to []byte) (removed, added []string) {
	count := map[string]int{}
	for line := range strings.SplitSeq(string(from), "\n") {
		count[line]++
	}
	for line := range strings.SplitSeq(string(to), "\n") {
		count[line]--
	}
	for line, n := range count {
		for ; n > 0; n-- {
			removed = append(removed, line)
		}
		for ; n < 0; n++ {
			added = append(added, line)
		}
	}
	slices.Sort(removed)
	slices.Sort(added)
	return removed, added
}

// edit makes a change in a place that the generator leaves alone.
func edit(r *rand.Rand, text []byte) []byte {
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	id := r.IntN(1_000_000)
	for {
		i := r.IntN(len(lines))
		line := lines[i]
		body := strings.TrimLeft(line, " ")
		indent := line[:len(line)-len(body)]
		var after []string
		switch kind := r.IntN(6); {
		case body == "" || body == "---" || body[0] == '#' || strings.Contains(line, " # "):
			continue
		case kind == 0: // above a change it could be taken for a comment on what is removed
			lines[i] = indent + fmt.Sprintf("# c%d", id) + "\n" + line
		case kind == 1:
			lines[i] = line + fmt.Sprintf(" # c%d", id)
		case kind == 2:
			lines[i] = line + "\n"
		case kind == 3 && body == "labels:":
			after = []string{indent + fmt.Sprintf("  user%d: x", id)}
		case kind == 4 && body == "env:":
			after = []string{indent + fmt.Sprintf("- {name: USER%d,   value: 'x'}", id)}
		case kind == 5 && body == "app: web":
			lines[i] = indent + `app:   "web"`
		default:
			continue
		}
		lines = slices.Insert(lines, i+1, after...)
		return []byte(strings.Join(lines, "\n") + "\n")
	}
}

// checkBoth checks the meaning: user's and generator's values are there, and no
// others.
func checkBoth(t *testing.T, base, user, generated, result []byte) {
	t.Helper()
	b, u, g, m := leaves(t, base), leaves(t, user), leaves(t, generated), leaves(t, result)
	want := map[string]string{}
	for _, side := range []map[string]string{u, g} {
		for at, v := range side {
			if v != b[at] || u[at] == g[at] {
				want[at] = v
			}
		}
	}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Fatalf("values (-want +got):\n%s\nof\n%s", diff, result)
	}
}

// leaves are the values of the documents of a text, by their paths; items of lists
// are known by their names.
func leaves(t *testing.T, text []byte) map[string]string {
	t.Helper()
	out := map[string]string{}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, v := range v {
				walk(at+"/"+k, v)
			}
		case []any:
			for i, v := range v {
				name := fmt.Sprint(i)
				if m, ok := v.(map[string]any); ok && m["name"] != nil {
					name = fmt.Sprint(m["name"])
				}
				walk(at+"/"+name, v)
			}
		default:
			out[at] = fmt.Sprint(v)
		}
	}
	for i, doc := range strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "---\n") {
		var v any
		if err := yaml.Unmarshal([]byte(doc), &v); err != nil {
			t.Fatal(err)
		}
		walk(fmt.Sprint(i), v)
	}
	return out
}
