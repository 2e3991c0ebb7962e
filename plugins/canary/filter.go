// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"bytes"
	"context"
	"fmt"

	"github.com/kubectl-micro/kubectl-micro/pkg/canary"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

// filter puts the plan into the files' own bytes. YAML, the default, passes
// every byte through that the plan does not change; other formats print objects.
func (o *options) filter(ctx context.Context, s *model.Snapshot, d canary.Decision) error {
	edits, added, err := split(s, d.Plan)
	if err != nil {
		return err
	}
	if o.inPlace {
		return o.save(ctx, edits, added)
	}
	switch o.print.Format {
	case "", "yaml":
		if o.plan && o.print.Format == "" {
			report := reporter{Factory: o.Factory, decision: d}
			if err := report.shifts("would shift"); err != nil {
				return err
			}
			return report.patch()
		}
		return o.stream(ctx, edits, added)
	case render.PatchFormat:
		return o.print.PrintPlan(o.Streams.Out, d.Plan)
	}
	return o.everything(ctx, d.Plan)
}

// split tells changes of objects in the files from new objects.
func split(s *model.Snapshot, p plan.Plan) (edits []manifest.Edit, added []map[string]any, err error) {
	for _, c := range p.Changes {
		object, found := s.Object(c.Object)
		switch {
		case c.Verb == plan.Patch && found && object.Source != nil:
			edits = append(edits, manifest.Edit{Object: object.Source, Ops: c.Patch})
		case c.Verb == plan.Apply && !found:
			added = append(added, c.After)
		default:
			return nil, nil, fault.Failedf("%s cannot be changed in files", c.Object)
		}
	}
	return edits, added, nil
}

// stream prints the files with the edits, then the new objects, in the way the
// files are written: readers take a stream that begins with a brace for JSON
// from its first to its last byte.
func (o *options) stream(ctx context.Context, edits []manifest.Edit, added []map[string]any) error {
	if len(added) == 0 {
		return o.files.Print(ctx, o.Streams.Out, edits...)
	}
	var text bytes.Buffer
	if err := o.files.Print(ctx, &text, edits...); err != nil {
		return err
	}
	print := render.Objects{Format: "yaml"}
	if bytes.HasPrefix(bytes.TrimLeft(text.Bytes(), " \t\r\n"), []byte("{")) {
		print.Format = "json"
	} else {
		text.WriteString("---\n")
	}
	if _, err := text.WriteTo(o.Streams.Out); err != nil {
		return err
	}
	return print.Print(o.Streams.Out, added...)
}

// save writes the files. An object that is not there yet has no file to go to;
// choosing one is the user's business.
func (o *options) save(ctx context.Context, edits []manifest.Edit, added []map[string]any) error {
	if len(added) > 0 {
		meta := model.FromRaw(added[0], "")
		return fault.Refusedf("%s is in none of the files, so that there is none to write it to", meta.Ref).
			Try("print it and put it where it belongs: leave --in-place out and add -o yaml")
	}
	if o.write.DryRun == cli.DryRunClient || o.plan {
		for _, e := range edits {
			fmt.Fprintf(o.Streams.Out, "%s edited (dry run)\n", e.Object.Doc.File)
		}
		return nil
	}
	names, err := o.files.Save(ctx, edits...)
	if err != nil {
		return err
	}
	for _, n := range names {
		fmt.Fprintf(o.Streams.Out, "%s edited\n", n)
	}
	if len(names) == 0 {
		fmt.Fprintln(o.Streams.ErrOut, "unchanged: the files have these weights already")
	}
	return nil
}

// everything prints all objects of the files with the plan applied, in the
// format asked for. Only this parses documents that have nothing to do with the
// canary.
func (o *options) everything(ctx context.Context, p plan.Plan) error {
	all, err := o.files.Load(ctx, source.Want{})
	if err != nil {
		return err
	}
	after := map[ref.Ref]plan.Change{}
	for _, c := range p.Changes {
		after[c.Object] = c
	}
	var out []map[string]any
	for _, object := range all.Objects() {
		raw := object.Raw()
		if c, changed := after[object.Ref]; changed {
			delete(after, object.Ref)
			next, err := patch.Apply(raw, c.Patch)
			if err != nil {
				return err
			}
			raw = next.(map[string]any)
		}
		out = append(out, raw)
	}
	for _, c := range p.Changes {
		if _, left := after[c.Object]; left {
			out = append(out, c.After)
		}
	}
	return o.print.Print(o.Streams.Out, out...)
}
