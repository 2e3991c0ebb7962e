// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package secure

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// changeFlags are those of the verbs that write policies.
type changeFlags struct {
	write *cli.WriteFlags
	force []string
}

func newChangeFlags() changeFlags { return changeFlags{write: cli.NewWriteFlags("secure")} }

func (c *changeFlags) addFlags(flags *pflag.FlagSet) {
	c.write.AddFlags(flags)
	flags.StringSliceVar(&c.force, "force", nil, "Write although this invariant is violated (INV-DNS and so on); one by one, there is no way to force all")
	cli.Offer(flags, "force", policy.InvariantIDs()...)
}

// validate reports invariants that there are not.
func (c *changeFlags) validate(streams cli.Streams) error {
	for _, id := range c.force {
		if !slices.Contains(policy.InvariantIDs(), id) {
			return fault.Usagef("--force=%s: expected one of %s", id, strings.Join(policy.InvariantIDs(), ", "))
		}
	}
	return c.write.Complete(streams)
}

// change is policies to be written, with what was found out about them.
type change struct {
	*look
	flags *changeFlags
	set   policy.Set
	plan  plan.Plan
	// violations are the invariants that the plan breaks.
	violations []policy.Violation
}

// carry checks a set of policies on the world that they would make, and then
// prints, shows or writes it. Nothing is written where an invariant is violated
// that is not forced.
func (l *look) carry(ctx context.Context, flags *changeFlags, seen *world.Seen, set policy.Set, print bool) error {
	c := &change{look: l, flags: flags, set: set, plan: planned(seen.Snapshot, set)}
	c.notices()
	if c.plan.Empty() {
		if l.report.Output == "json" {
			return render.Report(l.Streams.Out, "json", c.api())
		}
		fmt.Fprintln(l.Streams.ErrOut, "nothing to write: the policies that there are do it already")
		return nil
	}
	after, err := laidOver(seen.Snapshot, c.plan)
	if err != nil {
		return err
	}
	c.violations = append(policy.Invariants(seen.Snapshot, after, asker(l.engine.Options())), policy.Ordered(seen.Snapshot, c.plan.Changes)...)
	refusal := c.refusal()
	switch {
	case l.report.Output == "json":
		err = render.Report(l.Streams.Out, "json", c.api())
	case refusal != nil:
	case l.report.Output == "yaml":
		err = c.yaml()
	case flags.write.Diff:
		_, err = l.Diff().Do(ctx, c.plan)
	default:
		err = c.table()
	}
	switch {
	case err != nil:
		return err
	case refusal != nil:
		return refusal
	case print || flags.write.Diff || l.report.Output != "table" || l.world.Offline():
		return nil
	}
	return c.apply(ctx)
}

// planned turns a set into changes, in the order of the set: what only adds goes
// before what closes.
func planned(s *model.Snapshot, set policy.Set) plan.Plan {
	changes := slices.Clone(set.Changes)
	for _, o := range set.Objects {
		c := plan.Change{Object: o.Ref, Verb: plan.Apply, After: o.Value, Reason: strings.Join(o.Comments, "; ")}
		if old, found := s.Object(o.Ref); found {
			c.Before = old.Raw()
			if holds(old.Raw(), o.Value) {
				continue
			}
		}
		changes = append(changes, c)
	}
	return plan.Plan{Changes: changes}
}

// holds reports whether a value has all that another has: what is applied is a
// part of the object that the API server keeps.
func holds(has, wants any) bool {
	switch wants := wants.(type) {
	case map[string]any:
		object, is := has.(map[string]any)
		for key, value := range wants {
			if !is || !holds(object[key], value) {
				return false
			}
		}
		return is
	case []any:
		items, is := has.([]any)
		if !is || len(items) != len(wants) {
			return false
		}
		for i := range wants {
			if !holds(items[i], wants[i]) {
				return false
			}
		}
		return true
	}
	return patch.Equal(has, wants)
}

// laidOver is the world as the plan would leave it.
func laidOver(s *model.Snapshot, p plan.Plan) (*model.Snapshot, error) {
	var objects []*model.Object
	for _, c := range p.Changes {
		o, err := model.Decode(c.After, c.Object.Namespace)
		if err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	return s.With(objects...), nil
}

// notices says what should be known, on stderr.
func (c *change) notices() {
	for _, n := range c.set.Warnings {
		c.notice("warning", n)
	}
	for _, n := range c.set.Risks {
		c.notice("risk", n)
	}
}

func (c *change) notice(word string, n policy.Notice) {
	text := n.Text
	if n.Where != "" {
		text = n.Where + ": " + text
	}
	fmt.Fprintf(c.Streams.ErrOut, "%s: %s\n", word, render.Sanitise(text))
	if n.Fix != "" {
		fmt.Fprintf(c.Streams.ErrOut, "  %s\n", render.Sanitise(n.Fix))
	}
}

// refusal is the error of a plan that breaks an invariant; nil where none is
// broken that is not forced. What is forced, and what does no harm, is told.
func (c *change) refusal() error {
	var broken []policy.Violation
	for _, v := range c.violations {
		if v.Warning || c.forced(v) {
			c.notice("warning", policy.Notice{Text: v.ID + ": " + v.Reason, Fix: v.Fix})
			continue
		}
		broken = append(broken, v)
	}
	if len(broken) == 0 {
		return nil
	}
	var reasons, ids []string
	for _, v := range broken {
		text := v.ID + ": " + v.Reason
		if v.Fix != "" {
			text += "; " + v.Fix
		}
		reasons = append(reasons, render.Sanitise(text))
		if !slices.Contains(ids, v.ID) {
			ids = append(ids, v.ID)
		}
	}
	return fault.Refusedf("nothing was written, these policies would cut off what has to go on:\n  %s", strings.Join(reasons, "\n  ")).
		Try("mend it, or accept it one by one: --force=%s", strings.Join(ids, " --force="))
}

func (c *change) forced(v policy.Violation) bool { return slices.Contains(c.flags.force, v.ID) }

// yaml prints the objects as a stream for kubectl apply, with where they come from.
func (c *change) yaml() error {
	var b bytes.Buffer
	printer := render.Objects{Format: "yaml"}
	comments := map[string][]string{}
	for _, o := range c.set.Objects {
		comments[o.Ref.String()] = o.Comments
	}
	for _, change := range c.plan.Changes {
		b.WriteString("---\n")
		for _, comment := range comments[change.Object.String()] {
			fmt.Fprintf(&b, "# %s\n", render.Sanitise(comment))
		}
		if err := printer.Print(&b, change.After); err != nil {
			return err
		}
	}
	return write(c.Streams.Out, b.String())
}

// table lists what is, or would be, written.
func (c *change) table() error {
	t := c.Table("OBJECT", "CHANGE", "REASON")
	t.NoHeaders = c.report.NoHeaders
	for _, change := range c.plan.Changes {
		verb := "create"
		if change.Before != nil {
			verb = "change"
		}
		name := change.Object.Short()
		if change.Object.Namespace != "" {
			name = change.Object.Namespace + "/" + name
		}
		t.Rows = append(t.Rows, []string{name, verb, change.Reason})
	}
	return t.Write(c.Streams.Out)
}

// apply writes the plan to the cluster, after a question.
func (c *change) apply(ctx context.Context) error {
	w := c.flags.write
	if w.DryRun == cli.DryRunClient {
		fmt.Fprintf(c.Streams.ErrOut, "%s (dry run)\n", cli.Plural(len(c.plan.Changes), "policy would be written"))
		return nil
	}
	if err := w.Confirm(c.Streams, "write "+cli.Plural(len(c.plan.Changes), "object")+"?"); err != nil {
		return err
	}
	client, err := c.world.Client()
	if err != nil {
		return err
	}
	step := c.Progress().Start("writing")
	sink := cluster.Sink{Client: client, Manager: w.FieldManager, DryRun: w.DryRun == cli.DryRunServer, Force: w.ForceConflicts}
	outcomes, err := sink.Do(ctx, c.plan)
	step.Done()
	for _, o := range outcomes {
		fmt.Fprintf(c.Streams.ErrOut, "%s %s\n", render.Sanitise(o.Object.String()), w.Operation("written"))
	}
	return err
}
