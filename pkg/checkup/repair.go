// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package checkup

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/diagnose"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// maxRounds bounds how often files are repaired and read again: a repair may
// bring to light what was hidden behind the fault.
const maxRounds = 5

// repairFiles writes the fixes into the files, round by round until there are
// none left, and returns the diagnosis of what the files are then. New objects
// have no file to go to: they are shown, and choosing a file is the user's
// business. The error is about fixes that could not be written; with no
// diagnosis, about one that could not be made.
func (o *options) repairFiles(ctx context.Context, found *diagnosis) (*diagnosis, error) {
	var unwritten error
	for range maxRounds {
		var wrote bool
		wrote, unwritten = o.repairOnce(ctx, found)
		if !wrote {
			break
		}
		var err error
		if found, err = o.diagnose(ctx); err != nil {
			return nil, err
		}
	}
	return found, errors.Join(o.additions(found), unwritten)
}

// repairOnce writes one round.
func (o *options) repairOnce(ctx context.Context, found *diagnosis) (wrote bool, err error) {
	edits, mended, unwritten := o.edits(ctx, found.Repairs(risks[o.flags.risk]))
	names, err := o.world.Written.Save(ctx, edits...)
	if err != nil {
		return false, errors.Join(unwritten, err)
	}
	told := map[string]bool{}
	for _, m := range mended {
		line := fmt.Sprintf("%s: %s: %s\n", m.Where, m.ID, render.Sanitise(m.Title))
		if !told[line] { // a fix may edit many objects
			fmt.Fprint(o.Streams.ErrOut, line)
		}
		told[line] = true
	}
	slices.Sort(names)
	for _, n := range names {
		fmt.Fprintf(o.Streams.ErrOut, "%s edited\n", n)
	}
	return len(names) > 0, unwritten
}

// edits returns what can be edited in place, and what that mends. The error
// tells the rest: what an alias shares is edited with its anchor or not at all,
// and so is a fix of several objects.
func (o *options) edits(ctx context.Context, repairs []diagnose.Repair) (edits []manifest.Edit, mended []diagnose.Mended, unwritten error) {
	fixes := byFinding(repairs)
	for _, f := range fixes {
		edits, mended = append(edits, f.edits...), append(mended, f.of...)
	}
	if o.world.Written.Try(ctx, edits...) == nil {
		return edits, mended, nil
	}
	edits, mended = nil, nil
	for _, f := range fixes {
		tried := append(slices.Clip(edits), f.edits...)
		if err := o.world.Written.Try(ctx, tried...); err != nil {
			unwritten = errors.Join(unwritten, err)
			continue
		}
		edits, mended = tried, append(mended, f.of...)
	}
	return edits, mended, unwritten
}

// inPlace is what a fix edits in files, with what it mends in each of its objects.
type inPlace struct {
	edits []manifest.Edit
	of    []diagnose.Mended
}

// byFinding takes repairs of objects apart again into fixes, of which each
// finding has one, in the order of the repairs.
func byFinding(repairs []diagnose.Repair) []*inPlace {
	var out []*inPlace
	fixes := map[*finding.Finding]*inPlace{}
	for _, r := range repairs {
		if r.On == nil || r.On.Source == nil {
			continue
		}
		for _, m := range r.Of {
			f := fixes[m.Finding]
			if f == nil {
				f = &inPlace{}
				fixes[m.Finding], out = f, append(out, f)
			}
			f.edits, f.of = append(f.edits, manifest.Edit{Object: r.On.Source, Ops: m.Patch}), append(f.of, m)
		}
	}
	return out
}

// additions shows the objects that a fix would add to the files.
func (o *options) additions(found *diagnosis) error {
	for _, r := range found.Repairs(risks[o.flags.risk]) {
		if r.On != nil {
			continue
		}
		data, err := yaml.Marshal(r.Change.After)
		if err != nil {
			return err
		}
		fmt.Fprintf(o.Streams.ErrOut, "to be added to a file of your choice (%s):\n%s", r.Change.Reason, data)
	}
	return nil
}
