// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"bytes"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/merge"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/update"
)

func newUpdate(f *cli.Factory) *cobra.Command {
	flags := newFileFlags()
	dryRun := false
	cmd := &cobra.Command{
		Use:   "update [-f FILE]",
		Short: "Bring generated files up to date, and keep what was changed in them",
		Long: cli.Doc(`
			Generate anew what "generate --output-dir" wrote, and merge it with what was changed
			by hand since. What was generated last is kept in .micro beside the app file: commit
			it with the files.

			A file that nobody changed is written as it is generated. In a changed one, fields are
			changed that are generated in another way than last time, and nothing else: comments,
			order, quotes and line endings stay. The items of lists are told apart by name, as
			the API server does it, and other lists are one value.

			Where both sides changed the same field, the value of the file stays. The conflict is
			told with its place, the rest is written, and the exit code is 5; it is told once,
			--prefer decides before. A text that is no list of objects, such as a Dockerfile, is
			merged by lines, and left alone as a whole if that fails: FILE.micro-new is beside it
			then, to merge by hand.

			An object or a file that was deleted by hand stays deleted, until --restore. A file
			whose service is gone is deleted, unless it was changed.

			Either all files are written or none. Links are not followed.`),
		Example: `
			# After a change of micro.yaml, or with a newer version of this program
			kubectl micro scaffold update

			# What would change? (see "diff" for how)
			kubectl micro scaffold update --dry-run

			# An object that was deleted is to come back
			kubectl micro scaffold update --restore PodDisruptionBudget/catalog`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, plan, err := flags.plan(f, cmd, false)
			if err != nil {
				return err
			}
			defer d.Close()
			return flags.write(f, d, plan, dryRun)
		},
	}
	flags.addFlags(cmd)
	flags.addMergeFlags(cmd)
	cli.PreviewVar(cmd.Flags(), &dryRun, "Say what would be written, and write nothing")
	return cmd
}

// write makes the changes of a plan and tells of them: files on stdout, the rest
// on stderr. The error is silent where conflicts are left.
func (o *fileFlags) write(f *cli.Factory, d *disk, plan update.Plan, dryRun bool) error {
	suffix := ""
	if dryRun {
		suffix = " (dry run)"
	} else if err := d.Write(plan.Steps()); err != nil {
		return err
	}
	var out bytes.Buffer
	for _, c := range plan.Changes {
		did := "changed"
		switch {
		case c.Before == nil:
			did = "created"
		case c.After == nil:
			did = "deleted"
		}
		fmt.Fprintf(&out, "%s %s%s\n", render.Sanitise(d.name(c.Path)), did, suffix)
	}
	if _, err := out.WriteTo(f.Streams.Out); err != nil {
		return fault.Wrap(fault.Failed, err, "write the names of the files")
	}
	o.tell(f.Streams.ErrOut, plan)
	if len(plan.Conflicts) > 0 && o.prefer == "" {
		return fault.Silently(fault.Conflict)
	}
	return nil
}

// tell says on stderr what the names of files cannot.
func (o *fileFlags) tell(w io.Writer, plan update.Plan) {
	for _, n := range plan.Notes {
		fmt.Fprintf(w, "note: %s\n", render.Sanitise(n))
	}
	for _, c := range plan.Conflicts {
		fmt.Fprintf(w, "conflict: %s: %s\n", render.Sanitise(c.Where), render.Sanitise(conflictText(c)))
	}
	if len(plan.Conflicts) > 0 && o.prefer == "" {
		fmt.Fprintln(w, "  yours stay; change them by hand, or next time: --prefer generated")
	}
}

// longest is how much of a value a conflict shows.
const longest = 60

func conflictText(c merge.Conflict) string {
	switch {
	case c.Object == "":
		return c.Why
	case c.Why != "":
		return c.Object + " cannot be changed in place: " + c.Why
	}
	cut := func(s string) string {
		if r := []rune(s); len(r) > longest {
			return string(r[:longest]) + "..."
		}
		return s
	}
	return fmt.Sprintf("%s %s: was %s, yours is %s, generated %s", c.Object, c.Field, cut(c.Base), cut(c.User), cut(c.Generated))
}
