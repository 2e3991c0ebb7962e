// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/fields"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
	"github.com/kubectl-micro/kubectl-micro/pkg/trace"
	"github.com/kubectl-micro/kubectl-micro/pkg/usage"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// alive selects the pods that have not ended: others use nothing.
var alive = fields.ParseSelectorOrDie("status.phase!=Succeeded,status.phase!=Failed")

// podRequest is two lists, at once; whose pods these are, and whether the
// namespace exists, are asked only where the pods do not tell.
func (t *top) podRequest(owners bool) world.Request {
	var in []string
	if t.world.Namespace != "" {
		in = []string{t.world.Namespace}
	}
	w := source.Want{
		Kinds: []*model.Kind{model.Pods.Kind, model.PodMetrics.Kind, model.Namespaces.Kind}, Namespace: t.world.Namespace, Tolerant: true, Slim: true,
		Scopes: map[*model.Kind]source.Scope{
			model.Pods.Kind:       {Namespaces: in, Labels: t.selector, Fields: alive, Slim: true},
			model.PodMetrics.Kind: {Namespaces: in, Labels: t.selector},
			model.Namespaces.Kind: {MetadataOnly: true},
		},
	}
	late := map[*model.Kind]func(*model.Snapshot) bool{
		model.Namespaces.Kind: func(s *model.Snapshot) bool { return len(s.OfKind(model.Pods.GroupKind)) == 0 },
	}
	if owners {
		maps.Copy(late, usage.OwnerKinds())
		for k := range usage.OwnerKinds() {
			w.Kinds = append(w.Kinds, k)
			w.Scopes[k] = source.Scope{Namespaces: in, MetadataOnly: true}
		}
		slices.SortFunc(w.Kinds, func(a, b *model.Kind) int { return strings.Compare(a.String(), b.String()) })
	}
	return world.Request{Want: w, Late: late}
}

// readable is an error where nothing of the kind could be read that the rows are
// made of. What was read in part is told.
func (t *top) readable(seen *world.Seen, k *model.Kind) error {
	trace.Unread(t.Factory, seen.Unread)
	in := t.world.Namespace
	if !k.Namespaced {
		in = ""
	}
	g, gap := seen.Gap(k.GroupKind, in)
	switch {
	case !gap:
		return nil
	case len(g.Known) == 0 && !t.world.Offline():
		return fault.Failedf("%s", g.Reason).Try("see what you may do: kubectl auth can-i --list")
	case len(g.Known) == 0:
		return nil // what is saved is all there is to see
	}
	t.note("%s", g.Reason)
	return nil
}

// note is for people on stderr, and for programs in the report.
func (t *top) note(format string, args ...any) {
	text := render.Sanitise(fmt.Sprintf(format, args...))
	t.notes = append(t.notes, text)
	fmt.Fprintf(t.Streams.ErrOut, "note: %s\n", text)
}

// tellUsage says why usage is unknown, all of it or that of some pods.
func (t *top) tellUsage(seen *world.Seen, pods []usage.Pod) {
	templates, missing := 0, 0
	for _, p := range pods {
		switch {
		case p.Template:
			templates++
		case p.Used.CPU == nil && p.Used.Memory == nil:
			missing++
		}
	}
	reason, gap := unmeasured(seen.Snapshot, model.PodMetrics.Kind, t.world.Namespace)
	running := len(pods) - templates
	switch {
	case templates > 0:
		t.note("nothing runs in files: %s for what is to run, and usage is unknown", cli.Plural(templates, "template")+map[bool]string{true: " stands", false: " stand"}[templates == 1])
	case missing == 0:
	case gap:
		t.note("usage is unknown: %s: %s (is metrics-server installed and ready?)", model.MetricsAPI, reason)
	case missing == running:
		t.note("usage is unknown: there are no metrics of these pods yet")
	default:
		t.note("%s of %d without metrics yet", cli.Plural(missing, "pod"), running)
	}
}

// unmeasured is why nothing is known of usage; ok is false where it was asked for
// and answered.
func unmeasured(s *model.Snapshot, k *model.Kind, namespace string) (reason string, ok bool) {
	for _, g := range s.Gaps() {
		if g.Kind == k.GroupKind && (g.Missing || g.Namespace == "" || g.Namespace == namespace) {
			return g.Reason, true
		}
	}
	return "", false
}

// named leaves the pods that arguments name, each of which has to name one: pods
// by "web-0" or "pod/web-0", workloads by "deploy/web", or "web" where one alone
// is called so.
func (t *top) named(pods []usage.Pod, owners bool) ([]usage.Pod, error) {
	if len(t.names) == 0 {
		return pods, nil
	}
	keep := map[ref.Ref]bool{}
	for _, name := range t.names {
		found, err := t.find(name, pods, owners)
		if err != nil {
			return nil, err
		}
		keep[found] = true
	}
	return slices.DeleteFunc(pods, func(p usage.Pod) bool { return !keep[topSubject(&p, owners)] }), nil
}

// topSubject is what a row is about.
func topSubject(p *usage.Pod, owners bool) ref.Ref {
	if owners {
		return p.Owner
	}
	return p.Ref
}

func (t *top) find(arg string, pods []usage.Pod, owners bool) (ref.Ref, error) {
	kind, name, typed := strings.Cut(arg, "/")
	if !typed {
		name = arg
	} else if k, known := model.KindNamed(kind); known {
		kind = k.Kind
	}
	var found []ref.Ref
	var names []string
	for i := range pods {
		r := topSubject(&pods[i], owners)
		names = append(names, r.Name)
		if r.Name == name && (!typed || strings.EqualFold(r.Kind, kind)) && !slices.Contains(found, r) {
			found = append(found, r)
		}
	}
	what := map[bool]string{true: "workload", false: "pod"}[owners]
	if len(found) == 0 {
		err := fault.Usagef("no %s is called %q%s", what, arg, t.place())
		if near := ref.Closest(name, names); len(near) > 0 {
			return ref.Ref{}, err.Try("did you mean %s?", near[0])
		}
		return ref.Ref{}, err.Try("see what there is: leave the name out")
	}
	if len(found) > 1 {
		var all []string
		for _, r := range found {
			all = append(all, fmt.Sprintf("%s -n %s", r.Short(), r.Namespace))
		}
		return ref.Ref{}, fault.Usagef("%d %ss are called %q", len(found), what, arg).Try("%s", strings.Join(all, "\n"))
	}
	return found[0], nil
}

func (t *top) place() string {
	if t.world.Namespace == "" {
		return ""
	}
	return " in namespace " + t.world.Namespace
}
