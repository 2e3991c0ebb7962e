// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package secure

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/trace"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// lookFlags are those of the verbs that look at many connections at once.
type lookFlags struct {
	world  world.Flags
	engine trace.EngineFlags
	report *cli.ReportFlags
	all    bool
}

func (l *lookFlags) addFlags(cmd *cobra.Command) {
	l.world.AddFlags(cmd, "look at")
	l.engine.AddFlags(cmd.Flags())
	l.report.AddFlags(cmd.Flags())
	cmd.Flags().BoolVarP(&l.all, "all-namespaces", "A", false, "Look at all namespaces")
}

// look is one run of such a verb.
type look struct {
	*cli.Factory
	*lookFlags
	world *world.World
}

// start checks the flags.
func (l *lookFlags) start(f *cli.Factory, cmd *cobra.Command) (*look, error) {
	if err := l.report.Validate(); err != nil {
		return nil, err
	}
	if err := l.world.Validate(); err != nil {
		return nil, err
	}
	w, err := world.New(f, cmd, &l.world, l.all)
	return &look{Factory: f, lookFlags: l, world: w}, err
}

// see reads the world of all namespaces: whoever is let in may be in any.
func (l *look) see(ctx context.Context) (*world.Seen, error) {
	seen, err := trace.See(ctx, l.world, nil)
	if err != nil {
		return nil, err
	}
	if err := l.world.Exists(seen.Snapshot); err != nil {
		return nil, err
	}
	l.unread(seen.Unread)
	return seen, nil
}

// unread says what of the world could not be read.
func (l *look) unread(errs []error) { trace.Unread(l.Factory, errs) }

// ask reads the world and returns its engine, too.
func (l *look) ask(ctx context.Context) (*reach.Engine, *world.Seen, error) {
	seen, err := l.see(ctx)
	if err != nil {
		return nil, nil, err
	}
	return reach.New(seen.Snapshot, l.engine.Options()), seen, nil
}

// with adds why nothing is known for sure to what could not be told.
func with(unknowns []string, doubt string) []string {
	if doubt == "" || slices.Contains(unknowns, doubt) {
		return unknowns
	}
	return append(unknowns, doubt)
}

// namespaces are those that are meant; none for all.
func (l *look) namespaces() []string {
	if l.world.Namespace == "" {
		return nil
	}
	return []string{l.world.Namespace}
}

// unknowns says what could not be told.
func (l *look) unknowns(all []string) {
	for _, u := range all {
		fmt.Fprintf(l.Streams.ErrOut, "unknown: %s\n", render.Sanitise(u))
	}
}

// shortKinds are the kinds of workloads as ends of connections are written.
var shortKinds = map[string]string{"deployment": "deploy", "statefulset": "sts", "daemonset": "ds", "replicaset": "rs"}

// long is an object with its namespace, in the spelling of ends.
func long(r ref.Ref) string {
	kind, name, _ := strings.Cut(r.Short(), "/")
	if short := shortKinds[kind]; short != "" {
		kind = short
	}
	if r.Namespace == "" {
		return kind + "/" + name
	}
	return r.Namespace + "/" + kind + "/" + name
}
