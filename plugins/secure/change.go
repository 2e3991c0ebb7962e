// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package secure

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy/engine"
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

// made is policies as they were asked for.
type made struct {
	policy.Set
	options policy.Options
	// intents are what they were made of; empty where it was no file of intents.
	intents []api.ServiceIntents
}

// carry checks a set of policies on the world that they would make, and then
// prints, shows or writes it. Nothing is written where an invariant is violated
// that is not forced.
func (l *look) carry(ctx context.Context, flags *changeFlags, seen *world.Seen, m made, print bool) error {
	if err := l.sighted(seen); err != nil {
		return err
	}
	c := &change{look: l, flags: flags, set: m.Set, plan: planned(seen.Snapshot, m.Set)}
	if c.plan.Empty() {
		c.notices()
		if l.report.Output == "json" {
			return render.Report(l.Streams.Out, "json", c.api())
		}
		fmt.Fprintln(l.Streams.ErrOut, "nothing to write: the policies that there are do it already")
		return nil
	}
	stored := asStored(c.plan)
	after, err := laidOver(seen.Snapshot, stored)
	if err != nil {
		return err
	}
	c.violations = append(policy.Intended(seen.Snapshot, after, engine.Ask(l.engine.Options()), m.options, m.intents), policy.Ordered(seen.Snapshot, c.plan.Changes)...)
	c.notices()
	refusal := c.refusal()
	switch {
	case l.report.Output == "json":
		err = render.Report(l.Streams.Out, "json", c.api())
	case refusal != nil:
	case l.report.Output == "yaml":
		err = c.yaml()
	case flags.write.Diff:
		_, err = l.Diff().Do(ctx, stored)
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

// notices says what should be known, on stderr: what is weaker than meant, who
// may be locked out, and the invariants that are forced or do no harm. What
// refuses the plan is left to its error.
func (c *change) notices() {
	var risks, violations []policy.Notice
	for _, n := range c.set.Risks {
		if !slices.ContainsFunc(c.violations, func(v policy.Violation) bool { return strings.HasPrefix(n.Text, v.ID+":") && v.Object == n.On }) {
			risks = append(risks, n)
		}
	}
	for _, v := range c.violations {
		if v.Warning || c.forced(v) {
			violations = append(violations, noticeOf(v))
		}
	}
	tell(c.Factory, "warning", c.set.Warnings)
	tell(c.Factory, "risk", risks)
	tell(c.Factory, "warning", violations)
}

func noticeOf(v policy.Violation) policy.Notice {
	return policy.Notice{On: v.Object, Text: v.ID + ": " + v.Reason, Fix: v.Fix}
}

// refusal is the error of a plan that breaks an invariant; nil where none is
// broken that is not forced.
func (c *change) refusal() error {
	var broken []policy.Notice
	var force []string
	for _, v := range c.violations {
		if v.Warning || c.forced(v) {
			continue
		}
		broken = append(broken, noticeOf(v))
		if flag := "--force=" + v.ID; !slices.Contains(force, flag) {
			force = append(force, flag)
		}
	}
	if len(broken) == 0 {
		return nil
	}
	var lines []string
	for _, g := range alike(broken) {
		lines = append(lines, render.Sanitise(g.String()))
		for _, line := range g.details() {
			lines = append(lines, "  "+render.Sanitise(line))
		}
	}
	return fault.Refusedf("nothing was written, these policies would cut off what has to go on:\n%s", strings.Join(lines, "\n")).
		Try("mend it, or accept it one by one: %s", strings.Join(force, " "))
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
		t.Rows = append(t.Rows, []string{long(change.Object), verb, reason(change.Reason)})
	}
	return t.Write(c.Streams.Out)
}

// inFile is the place of what made a line of a policy, at its end.
var inFile = regexp.MustCompile(` \([^()]*:\d+:\d+\)`)

// reason is why an object is written, in one cell: without places, which YAML
// has, and with who is named of one kind put together.
func reason(text string) string {
	var out []string
	last := ""
	for _, part := range strings.Split(inFile.ReplaceAllString(text, ""), "; ") {
		kind, who, listed := strings.Cut(strings.Replace(part, "calls ", "calls: ", 1), ": ")
		if listed && kind == last {
			out[len(out)-1] += ", " + who
			continue
		}
		last = kind
		out = append(out, part)
	}
	return strings.Join(out, "; ")
}

// apply writes the plan to the cluster, after a question.
func (c *change) apply(ctx context.Context) error {
	w := c.flags.write
	if w.DryRun == cli.DryRunClient {
		fmt.Fprintf(c.Streams.ErrOut, "%s would be written (dry run)\n", cli.Plural(len(c.plan.Changes), "object"))
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
