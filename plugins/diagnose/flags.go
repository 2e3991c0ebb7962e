// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/report"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
)

// patchFormat prints the fixes instead of the findings.
const patchFormat = "patch"

// defaultTimeout bounds a diagnosis: long enough for a cluster of ten thousand
// pods, short enough for a person.
const defaultTimeout = 30 * time.Second

// worldFlags say which world is looked at; those of every verb that reads one.
type worldFlags struct {
	files    cli.FileFlags
	snapshot string
	overlay  bool
	complete bool
	domain   string
	root     string
	kube     string
	timeout  cli.TimeoutFlag
	chunk    int
}

func (w *worldFlags) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	w.files.AddFlags(flags, "check")
	cli.SnapshotVar(cmd, &w.snapshot)
	flags.BoolVar(&w.overlay, "overlay", false, "Lay the manifests of -f over the cluster and tell only what would appear or go")
	flags.BoolVar(&w.complete, "complete", false, "The manifests of -f are all there is: what is not in them does not exist")
	flags.StringVar(&w.domain, "cluster-domain", model.DefaultClusterDomain, "DNS suffix of the cluster's services")
	flags.StringVar(&w.root, "root-namespace", model.DefaultRootNamespace, "Istio's root namespace")
	flags.StringVar(&w.kube, "kube-version", "", "Kubernetes version to check API versions against, such as 1.33; the newest known one by default")
	flags.IntVar(&w.chunk, "chunk-size", 0, "Objects in one answer of the API server; 0 chooses, negative asks for all at once")
	w.timeout.Timeout = defaultTimeout
	w.timeout.AddFlags(flags, "look")
}

// validate reports flags that exclude each other.
func (w *worldFlags) validate() error {
	if err := w.files.Validate(); err != nil {
		return err
	}
	_, isVersion := schema.Minor(w.kube)
	switch {
	case w.kube != "" && !isVersion:
		return fault.Usagef("--kube-version %q: expected a version such as 1.33", w.kube)
	case w.snapshot != "" && w.files.Given():
		return fault.Usagef("--snapshot and -f or -k are two worlds: expected one of them")
	case w.overlay && !w.files.Given():
		return fault.Usagef("--overlay needs the manifests to lay over the cluster").Try("add -f FILE")
	case w.complete && (!w.files.Given() || w.overlay):
		return fault.Usagef("--complete is about the manifests of -f, without a cluster")
	}
	return nil
}

// flags are those of the diagnose command.
type flags struct {
	worldFlags
	scope       cli.ScopeFlags
	report      *cli.ReportFlags
	minSeverity severityName
	failOn      severityName
	only, skip  []string
	baseline    string
	config      string
	show        show
	maxLogs     int
	risk        risk
	write       bool
	strict      bool
}

// severityName is the value of --min-severity and --fail-on.
type severityName string

// show is --show.
type show string

// risk is --risk.
type risk string

const (
	failNever   severityName = "never"
	showCauses  show         = "causes"
	showAll     show         = "all"
	riskSafe    risk         = "safe"
	riskReview  risk         = "review"
	riskDisrupt risk         = "disruptive"
)

var severities = map[severityName]finding.Severity{"error": finding.Error, "warning": finding.Warning, "info": finding.Info}

var risks = map[risk]rules.Risk{riskSafe: rules.Safe, riskReview: rules.Review, riskDisrupt: rules.Disruptive}

func newFlags() *flags {
	return &flags{
		report:      cli.NewReportFlags(append(report.Formats(), patchFormat)...),
		minSeverity: "info", failOn: "error", show: showCauses, risk: riskSafe, maxLogs: 5,
	}
}

func (f *flags) addFlags(cmd *cobra.Command) {
	f.worldFlags.addFlags(cmd)
	flags := cmd.Flags()
	f.scope.AddFlags(flags)
	f.report.AddFlags(flags)
	cli.EnumVar(flags, &f.minSeverity, "min-severity", "", "Leave out what is less severe", "info", "warning", "error")
	cli.EnumVar(flags, &f.failOn, "fail-on", "", "Exit with 1 when something at least this severe is found", "error", "warning", "info", failNever)
	flags.StringSliceVar(&f.only, "only", nil, "Run only these rules: IDs, families (KM8), globs, names, or other tools' codes (IST0101)")
	flags.StringSliceVar(&f.skip, "skip", nil, "Leave these rules out")
	flags.StringVar(&f.baseline, "baseline", "", "A report in JSON (-o json); the findings in it are not told again")
	flags.StringVar(&f.config, "config", "", "File with suppressions; .kubectl-micro.yaml of the working directory or above by default")
	cli.EnumVar(flags, &f.show, "show", "", "What text shows: what fits a screen, or all", showCauses, showAll)
	flags.IntVar(&f.maxLogs, "max-logs", f.maxLogs, "Causes to fetch the end of a container's log for; 0 fetches none")
	cli.EnumVar(flags, &f.risk, "risk", "", "Fixes to print or write: safe, also those to review, also those that end pods", riskSafe, riskReview, riskDisrupt)
	flags.BoolVar(&f.write, "write", false, "Write the fixes into the files of -f, comments kept")
	flags.BoolVar(&f.strict, "strict", false, "Exit with 3 when something could not be looked at")
	_ = cmd.MarkFlagFilename("baseline", "json")
	_ = cmd.MarkFlagFilename("config", "yaml")
}

// options turns the flags into what run needs, or says what is wrong with them.
func (f *flags) options(factory *cli.Factory, cmd *cobra.Command, args []string) (*options, error) {
	if err := f.report.Validate(); err != nil {
		return nil, err
	}
	if err := f.validate(); err != nil {
		return nil, err
	}
	selected, err := catalog.Select(f.only, f.skip)
	if err != nil {
		return nil, err
	}
	o := &options{Factory: factory, flags: f, rules: selected}
	if o.selector, err = labels.Parse(f.scope.Selector); err != nil {
		return nil, fault.Usagef("-l %q: %s", f.scope.Selector, err)
	}
	if len(args) == 1 {
		if f.scope.AllNamespaces || f.scope.Selector != "" {
			return nil, fault.Usagef("-A and -l are for many objects, so that %q cannot be named too", args[0])
		}
		if o.target, err = parseTarget(args[0]); err != nil {
			return nil, err
		}
	}
	o.world, err = newWorld(factory, cmd, &f.worldFlags, f.scope.AllNamespaces)
	return o, err
}

func (f *flags) validate() error {
	if err := f.worldFlags.validate(); err != nil {
		return err
	}
	switch {
	case f.write && (!f.files.Given() || f.files.Kustomize != "" || f.overlay || slices.Contains(f.files.Files, "-")):
		return fault.Usagef("--write needs the files to repair").Try("name them with -f FILE or -f DIRECTORY, without --overlay")
	case f.write && slices.ContainsFunc(f.files.Files, func(p string) bool { return strings.Contains(p, "://") }):
		return fault.Usagef("--write cannot write to an address").Try("save the manifests in a file first")
	case f.write && f.report.Output == patchFormat:
		return fault.Usagef("--write writes the files, -o patch prints the fixes: expected one of the two")
	case f.maxLogs < 0:
		return fault.Usagef("--max-logs %d: expected a number of 0 or more", f.maxLogs)
	}
	return nil
}
