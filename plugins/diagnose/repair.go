// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/diagnose"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// maxRounds bounds how often files are repaired and read again: a repair may
// bring to light what was hidden behind the fault.
const maxRounds = 5

// repairFiles writes the fixes into the files, round by round until there are
// none left, and returns the diagnosis of what the files are then.
func (o *options) repairFiles(ctx context.Context, found *diagnosis) (*diagnosis, error) {
	for range maxRounds {
		wrote, err := o.repairOnce(ctx, found)
		if err != nil {
			return nil, err
		}
		if !wrote {
			break
		}
		if found, err = o.diagnose(ctx); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// repairOnce writes one round. New objects have no file to go to: they are
// shown, and choosing a file is the user's business.
func (o *options) repairOnce(ctx context.Context, found *diagnosis) (wrote bool, err error) {
	var edits []manifest.Edit
	var repairs []diagnose.Repair
	for _, r := range found.Repairs(risks[o.flags.risk]) {
		if r.On == nil || r.On.Source == nil {
			continue
		}
		edits = append(edits, manifest.Edit{Object: r.On.Source, Ops: r.Change.Patch})
		repairs = append(repairs, r)
	}
	if len(edits) == 0 {
		return false, o.additions(found)
	}
	names, err := o.world.files.Save(ctx, edits...)
	if err == nil {
		var all []diagnose.Mended
		for _, r := range repairs {
			all = append(all, r.Of...)
		}
		o.tell(names, all...)
		return len(names) > 0, nil
	}
	if ctx.Err() != nil {
		return false, err
	}
	return o.repairSingly(ctx, repairs)
}

// repairSingly writes the first fix that can be written, when all together
// cannot: what an alias shares is edited with its anchor or not at all. The
// places of what comes after it are to be read again first.
func (o *options) repairSingly(ctx context.Context, repairs []diagnose.Repair) (wrote bool, err error) {
	var failed error
	for _, r := range repairs {
		for _, m := range r.Of {
			names, err := o.world.files.Save(ctx, manifest.Edit{Object: r.On.Source, Ops: m.Patch})
			if err == nil && len(names) > 0 {
				o.tell(names, m)
				return true, nil
			}
			failed = errors.Join(failed, err)
		}
	}
	return false, failed
}

// tell says what was written to which files.
func (o *options) tell(files []string, all ...diagnose.Mended) {
	told := map[string]bool{}
	for _, m := range all {
		line := fmt.Sprintf("%s: %s: %s\n", m.Where, m.ID, render.Sanitise(m.Title))
		if !told[line] { // a fix may edit many objects
			fmt.Fprint(o.Streams.ErrOut, line)
		}
		told[line] = true
	}
	slices.Sort(files)
	for _, n := range files {
		fmt.Fprintf(o.Streams.ErrOut, "%s edited\n", n)
	}
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
