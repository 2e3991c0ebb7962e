// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/diagnose"
	"github.com/kubectl-micro/kubectl-micro/pkg/doctor"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/trace"
)

// risks are the values of --risk.
var risks = map[string]rules.Risk{"safe": rules.Safe, "review": rules.Review, "disruptive": rules.Disruptive}

// print writes what was found.
func (x *examination) print(found *examined) error {
	switch x.flags.report.Output {
	case "json", "yaml":
		return render.Report(x.Streams.Out, x.flags.report.Output, x.api(found))
	case "patch":
		return x.patches(found)
	}
	if len(found.chains) == 0 {
		fmt.Fprintln(x.Streams.ErrOut, "no Service selects pods here, and no PodMonitor does")
		return nil
	}
	if x.target == "" && len(found.chains) > 1 && x.flags.report.Output != "wide" {
		return x.overview(found)
	}
	for i, c := range found.chains {
		if i > 0 {
			fmt.Fprintln(x.Streams.Out)
		}
		if err := x.chain(found, c); err != nil {
			return err
		}
	}
	return nil
}

// overview is one line for each subject.
func (x *examination) overview(found *examined) error {
	table := x.Table("NAMESPACE", "NAME", "METRICS", "LINK", "DETAIL")
	table.NoHeaders = x.flags.report.NoHeaders
	colors := x.Colors()
	count := map[doctor.Verdict]int{}
	for _, c := range found.chains {
		v := c.Verdict()
		count[v]++
		link, detail := "-", "-"
		if l, ok := c.Cause(); ok && v != doctor.Unmonitored {
			link, detail = l.Name, l.Detail
		}
		table.Rows = append(table.Rows, []string{c.Ref().Namespace, word(c.Ref()), string(v), link, detail})
	}
	table.Style = func(row, column int) render.Style {
		if column != 2 {
			return nil
		}
		return map[doctor.Verdict]render.Style{doctor.Whole: colors.Green, doctor.Severed: colors.Red, doctor.Undecided: colors.Yellow}[doctor.Verdict(table.Rows[row][2])]
	}
	if err := table.Write(x.Streams.Out); err != nil {
		return err
	}
	fmt.Fprintf(x.Streams.ErrOut, "%d whole, %d broken, %d unknown, %d that nobody monitors; -o wide shows the chains and the fixes\n",
		count[doctor.Whole], count[doctor.Severed], count[doctor.Undecided], count[doctor.Unmonitored])
	return nil
}

// word is an object as a target is spelt: "svc/cart".
func word(r ref.Ref) string {
	short := map[string]string{"Service": "svc", "Deployment": "deploy", "StatefulSet": "sts", "DaemonSet": "ds"}
	if s := short[r.Kind]; s != "" {
		return s + "/" + r.Name
	}
	return strings.ToLower(r.Kind) + "/" + r.Name
}

// chain writes all links of one subject, the cause and the fixes.
func (x *examination) chain(found *examined, c doctor.Chain) error {
	colors := x.Colors()
	paint := map[doctor.State]render.Style{doctor.OK: colors.Green, doctor.Warning: colors.Yellow, doctor.Unknown: colors.Yellow, doctor.Broken: colors.Red}
	fmt.Fprintf(x.Streams.Out, "%s: %s\n", render.Sanitise(c.Ref().String()), headline(c))
	table := x.Table("LINK", "STATE", "DETAIL")
	table.NoHeaders, table.Width = x.flags.report.NoHeaders, 0
	for _, l := range c.Links {
		table.Rows = append(table.Rows, []string{l.Name, string(l.State), l.Detail})
	}
	table.Style = func(row, column int) render.Style {
		if column != 1 {
			return nil
		}
		return paint[c.Links[row].State]
	}
	if err := table.Write(x.Streams.Out); err != nil {
		return err
	}
	for _, l := range c.Links {
		if l.Hint != "" && l.State != doctor.OK {
			fmt.Fprintf(x.Streams.Out, "%s: %s\n", l.Name, render.Sanitise(x.Again(l.Hint)))
		}
	}
	return x.fixes(x.Streams.Out, found, c)
}

func headline(c doctor.Chain) string {
	cause, ok := c.Cause()
	switch v := c.Verdict(); {
	case v == doctor.Severed:
		return "no metrics, broken at \"" + cause.Name + "\""
	case v == doctor.Undecided && ok:
		return "unknown, as \"" + cause.Name + "\" is"
	case v == doctor.Unmonitored:
		return "nobody asks for its metrics"
	case slices.ContainsFunc(c.Links, func(l doctor.Link) bool { return l.State == doctor.NotChecked && slices.Contains(live, l.Name) }):
		return "nothing is broken, as far as it could be followed"
	}
	return "its metrics arrive"
}

// live are the links without which nobody can say that metrics arrive.
var live = []string{doctor.Target, doctor.Samples}

// fixes writes the repairs of a chain as YAML.
func (x *examination) fixes(w io.Writer, found *examined, c doctor.Chain) error {
	repairs := x.repairs(found, []doctor.Chain{c})
	if len(repairs) == 0 {
		return nil
	}
	var b bytes.Buffer
	for _, r := range repairs {
		if err := writeRepair(&b, r); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "\nFIX\n%s", b.String())
	if x.world.Written != nil {
		fmt.Fprintf(x.Streams.ErrOut, "to write it into the files: kubectl micro diagnose %s --only %s --risk %s --write\n", x.again, strings.Join(ruleIDs(repairs), ","), x.flags.risk)
	} else {
		fmt.Fprintf(x.Streams.ErrOut, "to apply it: kubectl micro monitor doctor %s -n %s -o patch | kubectl apply --server-side -f -\n", word(c.Ref()), c.Ref().Namespace)
	}
	return nil
}

func ruleIDs(repairs []diagnose.Repair) []string {
	var out []string
	for _, r := range repairs {
		for _, m := range r.Of {
			out = append(out, m.ID)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// patches writes the repairs of all chains that somebody asks for, and nothing else.
func (x *examination) patches(found *examined) error {
	asked := slices.DeleteFunc(slices.Clone(found.chains), func(c doctor.Chain) bool { return c.Verdict() == doctor.Unmonitored })
	var b bytes.Buffer
	for _, r := range x.repairs(found, asked) {
		if err := writeRepair(&b, r); err != nil {
			return err
		}
	}
	if _, err := b.WriteTo(x.Streams.Out); err != nil {
		return err
	}
	left := 0
	for _, c := range found.chains {
		if c.Verdict() == doctor.Severed && len(x.repairs(found, []doctor.Chain{c})) == 0 {
			left++
		}
	}
	if left > 0 {
		fmt.Fprintf(x.Streams.ErrOut, "%s without a fix of risk %q: leave -o patch out to see what is wrong\n", cli.Plural(left, "broken chain"), x.flags.risk)
	}
	return nil
}

// repairs are those of the findings that links of some chains rest on.
func (x *examination) repairs(found *examined, of []doctor.Chain) []diagnose.Repair {
	wanted := map[string]bool{}
	for _, c := range of {
		for _, l := range c.Links {
			for _, r := range l.Findings {
				wanted[r.Fingerprint()] = l.State == doctor.Broken || r.Severity > finding.Info
			}
		}
	}
	return slices.DeleteFunc(found.report.Repairs(risks[x.flags.risk]), func(r diagnose.Repair) bool {
		return !slices.ContainsFunc(r.Of, func(m diagnose.Mended) bool { return wanted[m.Fingerprint()] })
	})
}

// writeRepair writes an object as it should be: whole where it comes from a file,
// which it takes the place of, else the part to apply.
func writeRepair(b *bytes.Buffer, r diagnose.Repair) error {
	data, err := yaml.Marshal(mended(r))
	if err != nil {
		return err
	}
	b.WriteString("---\n")
	for _, m := range r.Of {
		fmt.Fprintf(b, "# %s (%s): %s\n", m.ID, m.Risk, render.Sanitise(m.Title))
	}
	b.Write(data)
	return nil
}

func mended(r diagnose.Repair) map[string]any {
	if r.On != nil && r.On.Source == nil {
		object, _ := diagnose.Applied(r.Change)
		return object
	}
	return r.Change.After
}

// api is the report in the shape that is printed.
func (x *examination) api(found *examined) api.DoctorReport {
	out := api.DoctorReport{
		TypeMeta: api.Type("DoctorReport"), Source: x.world.Name(), Namespace: x.world.Namespace,
		Prometheus: found.prometheus, Chains: []api.DoctorChain{},
	}
	for _, c := range found.chains {
		one := api.DoctorChain{Subject: *trace.Object(c.Ref()), Verdict: string(c.Verdict())}
		if l, ok := c.Cause(); ok {
			one.Cause = &l.Name
		}
		for _, l := range c.Links {
			link := api.DoctorLink{Name: l.Name, State: string(l.State), Detail: l.Detail, Hint: l.Hint}
			for _, r := range l.Findings {
				if !slices.Contains(link.Rules, r.ID) {
					link.Rules = append(link.Rules, r.ID)
				}
			}
			one.Links = append(one.Links, link)
		}
		for _, r := range x.repairs(found, []doctor.Chain{c}) {
			one.Fixes = append(one.Fixes, api.DoctorFix{Object: *trace.Object(r.Change.Object), Title: r.Of[0].Title, Risk: r.Of[0].Risk.String(), Manifest: mended(r)})
		}
		out.Chains = append(out.Chains, one)
	}
	return out
}
