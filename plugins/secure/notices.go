// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package secure

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// mostPlaces is how many of the places of a notice are told.
const mostPlaces = 3

// names are the words of a sentence that name something: the same is said of
// many objects in sentences that differ in nothing else.
var names = regexp.MustCompile(`\S*/\S*|\[[^\]]*\]`)

// group is what is said of one object or of several.
type group struct {
	// first is what is told in full.
	first policy.Notice
	// places are those of all, by file and line or, without, by object.
	places []string
	// times is how often it is said.
	times int
	key   string
}

// alike puts notices together that say the same of several objects.
func alike(all []policy.Notice) []group {
	var out []group
	for _, n := range all {
		n.Text = strings.TrimPrefix(n.Text, n.Where+": ")
		key := names.ReplaceAllString(n.Text+"\n"+n.Fix, "*")
		i := slices.IndexFunc(out, func(g group) bool { return g.key == key })
		if i < 0 {
			i = len(out)
			out = append(out, group{first: n, key: key})
		}
		out[i].times++
		place := n.Where
		if place == "" && n.On != (ref.Ref{}) {
			place = n.On.Short()
		}
		if place != "" && !slices.Contains(out[i].places, place) {
			out[i].places = append(out[i].places, place)
		}
	}
	return out
}

// tell writes notices, each kind once.
func tell(f *cli.Factory, word string, all []policy.Notice) {
	w := f.Streams.ErrOut
	for _, g := range alike(all) {
		fmt.Fprintf(w, "%s: %s\n", word, render.Sanitise(g.String()))
		for _, line := range g.details() {
			fmt.Fprintf(w, "  %s\n", render.Sanitise(f.Again(line)))
		}
	}
}

// String is what is said, with how often.
func (g group) String() string {
	if g.times == 1 {
		return g.first.Text
	}
	return fmt.Sprintf("%s (%d times)", g.first.Text, g.times)
}

// details are where a notice is about and what to do.
func (g group) details() []string {
	var out []string
	if places := g.places; len(places) > 1 || g.first.Where != "" {
		text := strings.Join(places[:min(mostPlaces, len(places))], ", ")
		if left := len(places) - mostPlaces; left > 0 {
			text += fmt.Sprintf(" and %d more", left)
		}
		out = append(out, "at "+text)
	}
	if g.first.Fix != "" {
		out = append(out, "fix: "+g.first.Fix)
	}
	return out
}
