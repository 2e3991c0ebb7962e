// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/checkup"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// completeTargets offers kinds, then the names of what exists: after "kind/", and
// alone after a kind that came before. Kinds that end in a slash are one argument
// with their name.
func completeTargets(f *cli.Factory, flags *goldenFlags, words ...string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		prefix, _, slashed := strings.Cut(typed, "/")
		switch {
		case slashed:
			return cli.Matching(notTyped(names(cmd, f, flags, prefix, prefix+"/"), args), typed)
		case len(args) == 0:
			var out []cobra.Completion
			for _, w := range words {
				out = append(out, w, w+"/")
			}
			return cli.Matching(out, typed)
		case slices.Contains(words, args[0]):
			return cli.Matching(notTyped(names(cmd, f, flags, args[0], ""), args), typed)
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeTarget offers one target, as KIND/NAME.
func completeTarget(f *cli.Factory, flags *world.Flags, words ...string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		kind, _, slashed := strings.Cut(typed, "/")
		switch k, known := model.KindNamed(kind); {
		case len(args) > 0:
		case slashed && known:
			return cli.Matching(world.Offers(cmd, f, flags, k, kind+"/"), typed)
		case !slashed && len(words) == 1: // no need to ask
			k, _ := model.KindNamed(words[0])
			return cli.Matching(world.Offers(cmd, f, flags, k, words[0]+"/"), typed)
		case !slashed:
			var out []cobra.Completion
			for _, w := range words {
				out = append(out, w+"/")
			}
			return cli.Matching(out, typed)
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}

// forFlag completes a flag as an argument is.
func forFlag(complete cobra.CompletionFunc) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return complete(cmd, nil, typed)
	}
}

// names are those of a kind in the world that the flags mean.
func names(cmd *cobra.Command, f *cli.Factory, flags *goldenFlags, word, prefix string) []cobra.Completion {
	n, err := stat.ParseName(word+"/x", "")
	if err != nil {
		return nil
	}
	k := n.Kind()
	if k == nil {
		k = model.Services.Kind
	}
	return world.Offers(cmd, f, &flags.world, k, prefix)
}

// completeCompare offers a service, then its versions.
func completeCompare(f *cli.Factory, flags *world.Flags) cobra.CompletionFunc {
	service := completeTarget(f, flags, "svc")
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		switch {
		case len(args) == 0:
			return service(cmd, args, typed)
		case len(args) > 2 || cmd.Flags().Changed("before") || cmd.Flags().Changed("after"):
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return cli.Matching(notTyped(offersOf(f, cmd, flags, args[:1], versions), args[1:]), typed)
	}
}

// versions are those of a workload's pods, by the labels that metrics go by.
func versions(w *model.Workload) []cobra.Completion {
	for _, label := range []string{"version", "app.kubernetes.io/version"} {
		if v := w.Template.Labels[label]; v != "" {
			return []cobra.Completion{cobra.CompletionWithDesc(v, w.Ref.Kind+" "+w.Ref.Name)}
		}
	}
	return nil
}

// containers are those of a workload's pods.
func containers(w *model.Workload) []cobra.Completion {
	var out []cobra.Completion
	for _, c := range slices.Concat(w.Spec().InitContainers, w.Spec().Containers) {
		out = append(out, cobra.CompletionWithDesc(c.Name, w.Ref.Kind+" "+w.Ref.Name))
	}
	return out
}

// offersOf are what the workloads of targets, of all without any, have to offer.
func offersOf(f *cli.Factory, cmd *cobra.Command, flags *world.Flags, targets []string, offer func(*model.Workload) []cobra.Completion) []cobra.Completion {
	if len(targets) == 0 {
		targets = []string{""}
	}
	return cli.InTime(f, cmd, func(ctx context.Context) []cobra.Completion {
		running := world.Look(ctx, f, cmd, flags)
		var out []cobra.Completion
		for _, target := range targets {
			for _, w := range running.Of(target) {
				out = append(out, offer(w)...)
			}
		}
		slices.Sort(out)
		return slices.CompactFunc(out, func(a, b string) bool { return cli.Word(a) == cli.Word(b) })
	})
}

// completeContainers offers the containers of what the arguments name.
func completeContainers(f *cli.Factory) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return cli.Matching(offersOf(f, cmd, &world.Flags{}, args, containers), typed)
	}
}

// completeTopNames completes the names of one kind.
func completeTopNames(f *cli.Factory, flags *world.Flags, k *model.Kind) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return cli.Matching(notTyped(world.Offers(cmd, f, flags, k, ""), args), typed)
	}
}

// completeTopWorkloads completes "deploy/NAME" and its like, one after the other.
func completeTopWorkloads(f *cli.Factory, flags *world.Flags) cobra.CompletionFunc {
	one := completeTarget(f, flags, "deploy", "ds", "sts")
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		out, directive := one(cmd, nil, typed)
		return notTyped(out, args), directive
	}
}

// completeLogTargets offers what has logs, and is not given yet.
func completeLogTargets(f *cli.Factory) cobra.CompletionFunc {
	one := checkup.CompleteTargets(f, &world.Flags{})
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		out, directive := one(cmd, nil, typed)
		return notTyped(out, append(args, "vs/", "ing/")), directive
	}
}

// notTyped leaves out what was typed before.
func notTyped(offers []cobra.Completion, typed []string) []cobra.Completion {
	return slices.DeleteFunc(offers, func(offer string) bool {
		return slices.Contains(typed, cli.Word(offer))
	})
}
