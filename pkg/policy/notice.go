// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Notice is something to know about a Set. The text is a sentence without a full
// stop.
type Notice struct {
	// On is the object it is about; may be the zero Ref.
	On ref.Ref
	// And are other objects of which the same is true; the text names the first of
	// them and counts the rest.
	And []ref.Ref
	// Where is the place of the intent or the object, of the first of them; may be
	// empty.
	Where string
	Text  string
	// Fix is what to do about it; may be empty.
	Fix string

	// each is the Text with them in the place of the objects, for a Notice that is
	// told once for all; fix the same of the Fix.
	each, fix string
}

// them stands for the objects that a Notice is about.
const them = "\x00"

// about is a Notice that is told once for all objects it is true of.
func about(on ref.Ref, where, fix, format string, args ...any) Notice {
	each := fmt.Sprintf(format, args...)
	return Notice{On: on, Where: where, Text: strings.ReplaceAll(each, them, on.Short()), Fix: strings.ReplaceAll(fix, them, on.Short()), each: each, fix: fix}
}

// tidyNotices tells once what is true of several objects, in the order in which
// it was found first.
func tidyNotices(notices []Notice) []Notice {
	var out []Notice
	at := map[[3]string]int{}
	for _, n := range notices {
		key := [3]string{n.Text, n.Fix, n.Where}
		if n.each != "" {
			key = [3]string{n.each, n.fix}
		}
		i, known := at[key]
		switch {
		case !known:
			at[key] = len(out)
			out = append(out, n)
		case out[i].On != n.On && !slices.Contains(out[i].And, n.On):
			out[i].And = append(out[i].And, n.On)
		}
	}
	for i, n := range out {
		if n.each != "" && len(n.And) > 0 {
			out[i].Text = strings.ReplaceAll(n.each, them, mentioned(append([]ref.Ref{n.On}, n.And...)))
			out[i].Fix = strings.ReplaceAll(n.fix, them, "KIND/NAME")
		}
	}
	return out
}

// mentioned names objects for people.
func mentioned(all []ref.Ref) string {
	var out []string
	for _, one := range all {
		out = append(out, one.Short())
	}
	if len(out) > 3 {
		return fmt.Sprintf("%s and %d more", strings.Join(out[:3], ", "), len(out)-3)
	}
	return strings.Join(out, ", ")
}
