// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-micro/kubectl-micro/pkg/canary"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// targetFlags say which service is meant and where it is.
type targetFlags struct {
	files cli.FileFlags
	// snapshot is only for commands that read.
	snapshot string
	timeout  cli.TimeoutFlag
	domain   string
	route    string
	stable   string
	canary   string
}

func (t *targetFlags) addFlags(flags *pflag.FlagSet, verb string) {
	t.files.AddFlags(flags, verb)
	t.timeout.AddFlags(flags, "work")
	flags.StringVar(&t.domain, "cluster-domain", model.DefaultClusterDomain, "DNS suffix of the cluster's services")
	flags.StringVar(&t.route, "route", "", "Only this route: its name, or its place such as http[0]")
	flags.StringVar(&t.stable, "stable", "", "Subset or Service of the stable version, where it cannot be told")
	flags.StringVar(&t.canary, "canary", "", "Subset or Service of the new version, where it cannot be told")
}

// addSnapshot adds --snapshot, for commands that only read.
func (t *targetFlags) addSnapshot(cmd *cobra.Command) { cli.SnapshotVar(cmd, &t.snapshot) }

func (t *targetFlags) choice() canary.Choice {
	return canary.Choice{Stable: t.stable, Canary: t.canary}
}

// query builds the query. Files have no current namespace: without -n the name
// is looked up in all of them.
func (t *targetFlags) query(f *cli.Factory, cmd *cobra.Command, args []string) (canary.Query, error) {
	q := canary.Query{Name: strings.Join(args, ""), Route: t.route}
	if len(args) == 1 && q.Name == "" {
		return q, fault.Usagef("expected a service, found an empty argument").Try("look for a shell variable that is not set")
	}
	if err := t.files.Validate(); err != nil {
		return q, err
	}
	given := ""
	if n := cmd.Flag("namespace"); n.Changed {
		given = n.Value.String()
	}
	name, namespace := t.split(q.Name)
	switch {
	case namespace == "":
		q.Namespace = given
	case given != "" && given != namespace:
		return q, fault.Usagef("%s is in namespace %q, but -n says %q", q.Name, namespace, given).Try("leave -n out")
	default:
		q.Name, q.Namespace = name, namespace
	}
	if t.snapshot != "" && t.files.Given() {
		return q, fault.Usagef("--snapshot and -f or -k are two worlds: expected one of them")
	}
	if t.files.Given() || t.snapshot != "" {
		return q, cli.Offline(cmd)
	}
	// First the connection: it has words for a context that does not exist.
	if _, err := f.RESTConfig(); err != nil || q.Namespace != "" {
		return q, err
	}
	var err error
	q.Namespace, _, err = f.Namespace()
	return q, err
}

// split takes the namespace off a service's full name, "user-service.shop.svc"
// with or without the cluster's domain; it is empty for any other name.
func (t *targetFlags) split(name string) (short, namespace string) {
	kind, host, typed := strings.Cut(name, "/")
	if !typed {
		kind, host = "", name
	} else if k, known := model.KindNamed(kind); !known || k != model.Services.Kind {
		return name, ""
	}
	rest, full := strings.CutSuffix(strings.TrimSuffix(host, "."+t.domain), ".svc")
	short, namespace, dotted := strings.Cut(rest, ".")
	if !full || !dotted || strings.Contains(namespace, ".") {
		return name, ""
	}
	return short, namespace
}

// What the flags of more than one command say.
const (
	unreadyUsage  = "Go on although too few endpoints of the new version are ready"
	headroomUsage = "Ready endpoints the new version needs for its share, relative to the stable version"
)

// setFlags are the flags of "canary --weight" and of "canary plan".
type setFlags struct {
	targetFlags
	print    *cli.PrintFlags
	write    *cli.WriteFlags
	weight   string
	rescale  bool
	fix      bool
	inPlace  bool
	foreign  bool
	unready  bool
	gitOps   gitOps
	headroom float64
	minReady int
	plan     bool
}

// gitOps is the value of --gitops.
type gitOps string

const (
	gitOpsDetect gitOps = "detect"
	gitOpsIgnore gitOps = "ignore"
)

func newSetFlags() *setFlags {
	return &setFlags{print: cli.NewPrintFlags(), write: cli.NewWriteFlags("canary"), gitOps: gitOpsDetect, headroom: 1, minReady: 1}
}

func (s *setFlags) addFlags(flags *pflag.FlagSet) {
	s.targetFlags.addFlags(flags, "change")
	s.print.AddFlags(flags)
	s.write.AddFlags(flags)
	flags.StringVar(&s.weight, "weight", "", "The new version's share of the traffic in percent, 0 to 100")
	flags.BoolVar(&s.rescale, "rescale", false, "Multiply a route's weights where their total is too small for the share")
	flags.BoolVar(&s.fix, "fix", false, "Add the subset or DestinationRule that the new version lacks")
	flags.BoolVar(&s.inPlace, "in-place", false, "Write the change into the files of -f, comments kept")
	flags.BoolVar(&s.foreign, "force-foreign", false, "Go on although another canary controller drives the route")
	flags.BoolVar(&s.unready, "allow-unready", false, unreadyUsage)
	flags.IntVar(&s.minReady, "min-ready", s.minReady, "Ready endpoints the new version must have, whatever its share")
	flags.Float64Var(&s.headroom, "headroom", s.headroom, headroomUsage)
	cli.EnumVar(flags, &s.gitOps, "gitops", "", "What to do about a GitOps controller that owns the route", gitOpsDetect, gitOpsIgnore)
}

// options turns the flags into what run needs, or says what is wrong with them.
func (s *setFlags) options(f *cli.Factory, cmd *cobra.Command, args []string) (*options, error) {
	if s.weight == "" {
		return nil, weightless(cmd, args)
	}
	weight, err := canary.ParsePercent(s.weight)
	if err != nil {
		return nil, err
	}
	q, err := s.query(f, cmd, args)
	if err != nil {
		return nil, err
	}
	if err := s.validate(f); err != nil {
		return nil, err
	}
	o := &options{
		Factory: f, world: world{Factory: f, flags: &s.targetFlags, managed: s.print.ShowManagedFields},
		again: newAgain(cmd, s.files, s.weight), write: s.write, inPlace: s.inPlace, plan: s.plan,
	}
	o.intent = canary.Intent{
		Query: q, Choice: s.choice(), Weight: weight, Rescale: s.rescale, Fix: s.fix,
		Remember: !s.files.Given(), Now: f.Now(), By: author(f),
		Tolerance: canary.Tolerance{
			Foreign: s.foreign, Unready: s.unready, GitOps: s.gitOps == gitOpsIgnore, MinReady: s.minReady, Headroom: s.headroom,
		},
	}
	o.print, err = s.print.Objects("")
	return o, err
}

func (s *setFlags) validate(f *cli.Factory) error {
	if err := s.write.Complete(f.Streams); err != nil {
		return err
	}
	switch {
	case s.headroom <= 0:
		return fault.Usagef("--headroom %v: expected a number above 0", s.headroom)
	case s.minReady < 0:
		return fault.Usagef("--min-ready %d: expected a number of 0 or more", s.minReady)
	case s.inPlace && (!s.files.Given() || s.files.Kustomize != "" || slices.Contains(s.files.Files, "-")):
		return fault.Usagef("--in-place needs the files to change").Try("name them with -f FILE or -f DIRECTORY")
	case s.inPlace && s.print.Output != "":
		return fault.Usagef("--in-place writes the files, -o prints them: expected one of the two")
	case s.files.Given() && s.write.DryRun == cli.DryRunServer:
		return fault.Usagef("--dry-run=server asks a cluster, but with -f or -k none is contacted").Try("--dry-run=client")
	}
	return nil
}

// author is who writes, for the session: "user@host" as far as known.
func author(f *cli.Factory) string {
	user := f.Getenv("USER")
	if user == "" {
		user = f.Getenv("USERNAME")
	}
	host, err := os.Hostname()
	switch {
	case err != nil:
		return user
	case user == "":
		return host
	}
	return user + "@" + host
}
