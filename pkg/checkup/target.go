// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package checkup

import (
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// target is the object somebody asked about.
type target struct {
	// kind is nil for a bare name.
	kind *model.Kind
	name string
}

// bareKinds are what a bare name may mean, in order.
var bareKinds = []*model.Kind{
	model.Services.Kind, model.Deployments.Kind, model.StatefulSets.Kind, model.DaemonSets.Kind, model.Jobs.Kind, model.CronJobs.Kind, model.Pods.Kind,
}

// asFile is how files are given. A shell takes a pattern apart: all but the first file
// it stands for are arguments then.
const asFile = "-f %s; of a pattern, in quotes (-f 'DIR/*.yaml'), or its folder (-f DIR)"

// isFile reports whether an argument is a file by its name, and no kind of object.
func isFile(arg string) bool {
	kind, _, typed := strings.Cut(arg, "/")
	if _, known := model.KindNamed(kind); typed && known {
		return false
	}
	return slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(arg))
}

func parseTarget(arg string) (*target, error) {
	kind, name, typed := strings.Cut(arg, "/")
	if !typed {
		kind, name = "", arg
	}
	if isFile(arg) {
		return nil, fault.Usagef("expected a target such as svc/NAME or NAME, found the file %s", arg).Try(asFile, cli.Quote(arg))
	}
	if name == "" || strings.Contains(name, "/") {
		return nil, fault.Usagef("expected a target such as svc/NAME or NAME, found %q", arg)
	}
	if !typed {
		return &target{name: name}, nil
	}
	k, known := model.KindNamed(kind)
	if !known {
		kinds := []string{"svc", "deploy", "sts", "ds", "ing", "vs", "dr"}
		for _, k := range model.Kinds() {
			kinds = append(kinds, strings.ToLower(k.Kind))
		}
		err := fault.Usagef("no kind is called %q", kind)
		if near := ref.Closest(strings.ToLower(kind), kinds); len(near) > 0 {
			return nil, err.Try("did you mean %s/%s?", near[0], name)
		}
		return nil, err.Try("svc/%s | deploy/%s | pod/%s | vs/%s", name, name, name, name)
	}
	return &target{kind: k, name: name}, nil
}

// Find returns the object that a target such as "svc/NAME" or NAME means, in a
// namespace or, where it is empty, in any. What cannot be found is a fault.Usage
// that says what comes near.
func Find(s *model.Snapshot, arg, namespace string) (ref.Ref, error) {
	t, err := parseTarget(arg)
	if err != nil {
		return ref.Ref{}, err
	}
	found, err := t.find(s, namespace)
	if err != nil {
		return ref.Ref{}, err
	}
	return *found, nil
}

// find returns the object that is meant. Files have no current namespace: with
// none given the name is looked up in all.
func (t *target) find(s *model.Snapshot, namespace string) (*ref.Ref, error) {
	kinds := bareKinds
	if t.kind != nil {
		kinds = []*model.Kind{t.kind}
	}
	for _, k := range kinds {
		var found []ref.Ref
		for _, o := range s.InNamespace(k.GroupKind, scopeOf(k, namespace)) {
			if o.Ref.Name == t.name {
				found = append(found, o.Ref)
			}
		}
		switch {
		case len(found) == 1:
			return &found[0], nil
		case len(found) > 1:
			return nil, fault.Usagef("%s %s is in %d namespaces", k.Kind, t.name, len(found)).
				Try("%s", strings.Join(t.namespaces(s, []*model.Kind{k}), "\n"))
		}
	}
	return nil, t.missing(s, kinds, namespace)
}

func scopeOf(k *model.Kind, namespace string) string {
	if !k.Namespaced {
		return ""
	}
	return namespace
}

// missing explains that there is no such object, or that nobody can tell.
func (t *target) missing(s *model.Snapshot, kinds []*model.Kind, namespace string) error {
	for _, k := range kinds {
		if g, gap := s.Gap(k.GroupKind, scopeOf(k, namespace)); gap && !g.Unasked {
			return fault.Failedf("whether there is a %s %s is unknown: %s", k.Kind, t.name, g.Reason).
				Try("ask for the right to list %s", k.Resource)
		}
	}
	var names []string
	for _, k := range kinds {
		for _, o := range s.InNamespace(k.GroupKind, scopeOf(k, namespace)) {
			names = append(names, o.Ref.Name)
		}
	}
	what := "Service or workload"
	if t.kind != nil {
		what = t.kind.Kind
	}
	where := ""
	if namespace != "" {
		where = " in namespace " + namespace
	}
	err := fault.Usagef("no %s is called %q%s", what, t.name, where)
	if elsewhere := t.namespaces(s, kinds); len(elsewhere) > 0 {
		return err.Try("%s", strings.Join(elsewhere, "\n"))
	}
	slices.Sort(names)
	if near := ref.Closest(t.name, slices.Compact(names)); len(near) > 0 {
		return err.Try("did you mean %s?", strings.Join(near, " or "))
	}
	if len(names) > 0 {
		return err.Try("what there is: %s", ref.Few(names))
	}
	return err
}

// namespaces are the flags that lead to an object of the name.
func (t *target) namespaces(s *model.Snapshot, kinds []*model.Kind) []string {
	var out []string
	for _, k := range kinds {
		for _, o := range s.InNamespace(k.GroupKind, "") {
			if o.Ref.Name == t.name && o.Ref.Namespace != "" {
				out = append(out, "-n "+o.Ref.Namespace)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// OneTarget accepts at most one argument and explains a second.
func OneTarget(_ *cobra.Command, args []string) error {
	if len(args) < 2 {
		return nil
	}
	err := fault.Usagef("expected one target, found %d: %q", len(args), args)
	if isFile(args[0]) {
		return err.Try(asFile, cli.Quote(args[0]))
	}
	if _, kind := model.KindNamed(args[0]); kind && len(args) == 2 {
		return err.Try("did you mean %s/%s?", args[0], args[1])
	}
	return err.Try("run it once for each, or use -l")
}
