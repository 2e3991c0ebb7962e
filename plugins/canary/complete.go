// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/canary"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

// complete offers services, and for the flags the routes and versions of the one
// that was typed.
func (t *targetFlags) complete(f *cli.Factory, cmd *cobra.Command) {
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return t.offer(f, cmd, typed, func(s *model.Snapshot, q canary.Query) []cobra.Completion { return services(s, q, typed) })
	}
	flag := func(name string, offers func(*model.Snapshot, canary.Target) []cobra.Completion) {
		_ = cmd.RegisterFlagCompletionFunc(name, func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return t.offer(f, cmd, typed, func(s *model.Snapshot, q canary.Query) []cobra.Completion {
				q.Name, q.Route = strings.Join(args, ""), ""
				if name, namespace := t.split(q.Name); namespace != "" {
					q.Name, q.Namespace = name, namespace
				}
				target, err := canary.Find(s, q)
				if err != nil {
					return nil
				}
				return offers(s, target)
			})
		}) // it exists
	}
	flag("route", routes)
	flag("canary", func(s *model.Snapshot, target canary.Target) []cobra.Completion { return versions(s, target, t.stable) })
	flag("stable", func(s *model.Snapshot, target canary.Target) []cobra.Completion { return versions(s, target, t.canary) })
}

// offer reads the world and has something offered of it: nothing, if it cannot be
// read in time.
func (t *targetFlags) offer(f *cli.Factory, cmd *cobra.Command, typed string, offers func(*model.Snapshot, canary.Query) []cobra.Completion) ([]cobra.Completion, cobra.ShellCompDirective) {
	return cli.Matching(cli.InTime(f, cmd, func(ctx context.Context) []cobra.Completion {
		q, err := t.query(f, cmd, nil)
		if err != nil {
			return nil
		}
		if all := cmd.Flag("all-namespaces"); all != nil && all.Changed {
			q.Namespace = ""
		}
		s := t.glance(ctx, f, q.Namespace)
		if s == nil {
			return nil
		}
		return offers(s, q)
	}), typed)
}

// glance reads what can be read at once; nil if nothing can.
func (t *targetFlags) glance(ctx context.Context, f *cli.Factory, namespace string) *model.Snapshot {
	remote := func(file string) bool { return file == "-" || strings.Contains(file, "://") }
	w := world{Factory: f, flags: t}
	switch {
	case t.snapshot == "-" || slices.ContainsFunc(t.files.Files, remote):
		return nil // the standard input is the shell's while TAB is pressed
	case w.offline():
		// What is wrong with files is said when they are used.
		s, _ := (&source.Files{
			Paths: t.files.Files, Recursive: t.files.Recursive, Kustomize: t.files.Kustomize,
			Options: model.Options{Namespace: cmp.Or(namespace, "default"), ClusterDomain: t.domain, Partial: true},
		}).Load(ctx, source.Want{Kinds: fileKinds, Tolerant: true})
		return s
	}
	s, err := w.load(ctx, namespace, slices.Concat(usualKinds, []*model.Kind{model.GRPCRoutes.Kind}))
	if err != nil {
		return nil
	}
	return s
}

// services are those whose traffic can be split, with what they have.
func services(s *model.Snapshot, q canary.Query, typed string) []cobra.Completion {
	prefix := ""
	if kind, _, slashed := strings.Cut(typed, "/"); slashed {
		if k, known := model.KindNamed(kind); !known || k != model.Services.Kind {
			return nil
		}
		prefix = kind + "/"
	}
	var out []cobra.Completion
	seen := map[string]bool{}
	for _, t := range canary.List(s, q.Namespace) {
		if !seen[t.Name] {
			seen[t.Name] = true
			out = append(out, cobra.CompletionWithDesc(prefix+t.Name, shares(canary.Versions(s, t))))
		}
	}
	if len(out) > 0 || unread(s) {
		return out
	}
	where := ""
	if q.Namespace != "" {
		where = " in namespace " + q.Namespace
	}
	return cobra.AppendActiveHelp(out, "no services whose traffic can be split"+where)
}

// unread reports whether some routes could not be read.
func unread(s *model.Snapshot) bool {
	return slices.ContainsFunc(s.Gaps(), func(g model.Gap) bool { return !g.Missing && !g.Unasked })
}

// shares is "v1 90%, v2 10%".
func shares(versions []canary.Version) string {
	var words []string
	for _, v := range versions {
		words = append(words, v.Label+" "+v.Share.String()+"%")
	}
	return strings.Join(words, ", ")
}

// routes are those of a service, by what --route calls them.
func routes(_ *model.Snapshot, t canary.Target) []cobra.Completion {
	var out []cobra.Completion
	for _, r := range t.Routes {
		out = append(out, cobra.CompletionWithDesc(cmp.Or(r.Name, r.ID()), r.Object.Ref.Kind+" "+r.Object.Ref.Name+" "+cmp.Or(r.Match, "for all requests")))
	}
	return out
}

// versions are those of a service but for one that another flag names.
func versions(s *model.Snapshot, t canary.Target, but string) []cobra.Completion {
	var out []cobra.Completion
	for _, v := range canary.Versions(s, t) {
		if v.Label != but {
			out = append(out, cobra.CompletionWithDesc(v.Label, v.Share.String()+"% of the traffic of "+t.Name))
		}
	}
	return out
}
