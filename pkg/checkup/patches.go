// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package checkup

import (
	"bytes"
	"fmt"
	"slices"

	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/diagnose"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// patches prints one object for each that is to be repaired, as
// `kubectl apply --server-side -f -` takes it, with what it mends and who else
// writes it as comments. The latter is told on stderr as well: a pipe into
// kubectl shows no comments.
func (o *options) patches(found *diagnosis) error {
	var b bytes.Buffer
	objects, mended := 0, map[string]bool{}
	for _, r := range found.Repairs(risks[o.flags.risk]) {
		if slices.Contains(found.world.Shadowed(), r.On) {
			continue // a later definition is what there is
		}
		if r.On != nil && r.On.Ref.GroupKind() == model.Secrets.GroupKind { // what was applied last holds its data
			fmt.Fprintf(o.Streams.ErrOut, "%s is not printed, since its contents would be: %s\n", render.Sanitise(r.On.Ref.String()), render.Sanitise(r.Of[0].Title))
			continue
		}
		object, left := r.Change.After, []string(nil)
		if r.On != nil {
			object, left = diagnose.Applied(r.Change)
		}
		if r.On != nil && len(left) == len(r.Change.Leaves) {
			continue // nothing but what cannot be removed this way
		}
		data, err := yaml.Marshal(object)
		if err != nil {
			return err
		}
		objects++
		b.WriteString("---\n")
		for _, m := range r.Of {
			mended[m.Fingerprint()] = true
			fmt.Fprintf(&b, "# %s (%s): %s\n# because %s\n", m.ID, m.Risk, render.Sanitise(m.Title), render.Sanitise(m.Message))
		}
		if keeper := r.Keeper(); keeper != "" {
			advice := render.Sanitise(keeper) + " writes this object too: make the change there, or it will be undone"
			fmt.Fprintf(&b, "# %s\n", advice)
			fmt.Fprintf(o.Streams.ErrOut, "%s: %s\n", render.Sanitise(r.On.Ref.String()), advice)
		}
		for _, field := range left {
			fmt.Fprintf(&b, "# to be removed by hand, which kubectl apply does not: %s\n", render.Sanitise(field))
		}
		b.Write(data)
	}
	if _, err := b.WriteTo(o.Streams.Out); err != nil {
		return err
	}
	o.unoffered(found, objects, mended)
	return nil
}

// unoffered says on stderr how many causes have no fix among those printed.
func (o *options) unoffered(found *diagnosis, repaired int, mended map[string]bool) {
	left := 0
	for _, c := range found.Causes {
		if !mended[c.Fingerprint()] && !slices.ContainsFunc(c.Explains, func(r rules.Result) bool { return mended[r.Fingerprint()] }) {
			left++
		}
	}
	if left > 0 {
		fmt.Fprintf(o.Streams.ErrOut, "fixes for %s; %s without a fix of risk %q: %s\n",
			cli.Plural(repaired, "object"), cli.Plural(left, "cause"), o.flags.risk, render.Sanitise(o.Again(o.Command())))
	}
}
