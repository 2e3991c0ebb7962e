// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package checkup

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// mostUnseen is how many lines say what was not looked at, where --show all does
// not ask for each.
const mostUnseen = 3

// summary says what was looked at and what was not.
func (o *options) summary(d *api.Diagnosis, s *model.Snapshot) {
	n, where := d.Summary, ""
	if d.Scope.Namespace != "" {
		where = " of namespace " + d.Scope.Namespace
	}
	if d.Scope.Target != "" {
		where = " for " + d.Scope.Target
	}
	verdict := "nothing found"
	if n.Errors+n.Warnings+n.Infos > 0 {
		verdict = fmt.Sprintf("%s: %s, %s, %s", cli.Plural(len(d.Causes), "cause"), cli.Plural(n.Errors, "error"), cli.Plural(n.Warnings, "warning"), cli.Plural(n.Infos, "note"))
	}
	if o.world.Name() == "overlay" {
		verdict += fmt.Sprintf("; %s would go", cli.Plural(len(d.Gone), "finding"))
	}
	fmt.Fprintf(o.Streams.ErrOut, "%s; %s on %s%s", verdict, cli.Plural(n.Rules, "rule"), cli.Plural(n.Objects, "object"), where)
	if n := len(d.Suppressed); n > 0 {
		fmt.Fprintf(o.Streams.ErrOut, "; %d suppressed", n)
	}
	fmt.Fprintln(o.Streams.ErrOut)
	if o.selector != nil && !o.selector.Empty() && !selects(s, o.selector, o.world.Namespace) {
		fmt.Fprintf(o.Streams.ErrOut, "no object has the labels %s\n", render.Sanitise(o.flags.scope.Selector))
	}
	o.unseen(d.Skipped)
	if kinds := unread(s); len(kinds) > 0 {
		fmt.Fprintf(o.Streams.ErrOut, "not looked at for one object: %s; to look at all: %s\n", strings.Join(few(kinds, 4), ", "),
			render.Sanitise(o.Again("kubectl micro diagnose -n "+o.world.Namespace)))
	}
}

// selects reports whether anything in a namespace has the labels asked for.
func selects(s *model.Snapshot, selector labels.Selector, namespace string) bool {
	return slices.ContainsFunc(s.Objects(), func(object *model.Object) bool {
		return (namespace == "" || object.Ref.Namespace == namespace) && selector.Matches(labels.Set(object.Meta().GetLabels()))
	}) || slices.ContainsFunc(s.Workloads(namespace), func(w *model.Workload) bool {
		return selector.Matches(labels.Set(w.Template.Labels))
	})
}

// unread are the kinds that were not read since only one object was asked about.
func unread(s *model.Snapshot) []string {
	var out []string
	for _, g := range s.Gaps() {
		if g.Reason == forOne {
			out = append(out, g.Kind.Kind)
		}
	}
	return out
}

// unseen lists the kinds that could not be looked at, together where one reason
// keeps many of them away, and only their number where there are many.
func (o *options) unseen(skipped []api.Skipped) {
	if kinds := forbidden(skipped); o.flags.show != showAll && len(kinds) > mostUnseen {
		fmt.Fprintf(o.Streams.ErrOut, "not looked at: %s that may not be listed (%s); --show all lists them with the right they need\n",
			cli.Plural(len(kinds), "kind"), strings.Join(few(kinds, 4), ", "))
		skipped = slices.DeleteFunc(slices.Clone(skipped), func(x api.Skipped) bool { return slices.Contains(kinds, x.Kind) })
	}
	kinds := map[string][]string{}
	for _, x := range skipped {
		kinds[x.Reason] = append(kinds[x.Reason], x.Kind)
	}
	for _, x := range skipped {
		switch all := kinds[x.Reason]; len(all) {
		case 0: // told
		case 1:
			fmt.Fprintf(o.Streams.ErrOut, "not looked at: %s (%s; needs: %s)\n", render.Sanitise(x.Reason), strings.Join(few(x.Rules, 4), ", "), x.Needs)
		default:
			fmt.Fprintf(o.Streams.ErrOut, "not looked at: %s (%s)\n", render.Sanitise(x.Reason), strings.Join(few(all, 4), ", "))
		}
		delete(kinds, x.Reason)
	}
}

// forbidden are the kinds that rights keep away, each once.
func forbidden(skipped []api.Skipped) []string {
	var out []string
	for _, x := range skipped {
		if strings.HasSuffix(x.Reason, "forbidden") && !slices.Contains(out, x.Kind) {
			out = append(out, x.Kind)
		}
	}
	return out
}

// few cuts a list for people.
func few(words []string, n int) []string {
	if len(words) <= n {
		return words
	}
	return append(words[:n:n], fmt.Sprintf("and %d more", len(words)-n))
}
