// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package checkup

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/report"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// patchFormat prints the fixes instead of the findings.
const patchFormat = "patch"

// Flags are those of a command that runs rules over a world.
type Flags struct {
	World       world.Flags
	defaults    Defaults
	kube        string
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
	severityInfo severityName = "info"
	failNever    severityName = "never"
	showCauses   show         = "causes"
	showAll      show         = "all"
	riskSafe     risk         = "safe"
	riskReview   risk         = "review"
	riskDisrupt  risk         = "disruptive"
)

var severities = map[severityName]finding.Severity{"error": finding.Error, "warning": finding.Warning, "info": finding.Info}

var risks = map[risk]rules.Risk{riskSafe: rules.Safe, riskReview: rules.Review, riskDisrupt: rules.Disruptive}

// Defaults are what sets one command that runs rules apart from another.
type Defaults struct {
	// Only are the rules to run where --only names none, as --only takes them;
	// every rule but those of hygiene, if empty.
	Only []string
	// All shows every finding in text, as --show all does.
	All bool
	// FailOn is the severity that fails the run: "error" if empty.
	FailOn string
	// Fails narrows the findings that may fail the run; all of them if nil.
	Fails func(rules.Result) bool
	// Asked has text say which checks of other tools a finding is.
	Asked bool
}

// NewFlags returns the flags of a command.
func NewFlags(d Defaults) *Flags {
	f := &Flags{
		defaults: d, report: cli.NewReportFlags(append(report.Formats(), patchFormat)...),
		minSeverity: "info", failOn: "error", show: showCauses, risk: riskSafe, maxLogs: 5,
	}
	if d.All {
		f.show = showAll
	}
	if d.FailOn != "" {
		f.failOn = severityName(d.FailOn)
	}
	return f
}

// Default has a command run other rules where --only names none.
func (f *Flags) Default(only ...string) { f.defaults.Only = only }

// AddFlags adds the flags.
func (f *Flags) AddFlags(cmd *cobra.Command) {
	f.World.AddFlags(cmd, "check")
	flags := cmd.Flags()
	flags.Lookup("overlay").Usage = "Lay the manifests of -f over the cluster and tell only what would appear or go"
	flags.StringVar(&f.kube, "kube-version", "", "Kubernetes version to check API versions against, such as 1.33; the newest known one by default")
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
	_ = cmd.RegisterFlagCompletionFunc("only", completeRules)
	_ = cmd.RegisterFlagCompletionFunc("kube-version", CompleteKubernetes)
	_ = cmd.RegisterFlagCompletionFunc("skip", completeRules)
	_ = cmd.MarkFlagFilename("baseline", "json")
	_ = cmd.MarkFlagFilename("config", "yaml")
}

// options turns the flags into what run needs, or says what is wrong with them.
func (f *Flags) options(factory *cli.Factory, cmd *cobra.Command, args []string) (*options, error) {
	if err := f.report.Validate(); err != nil {
		return nil, err
	}
	if err := f.validate(); err != nil {
		return nil, err
	}
	only := f.only
	if len(only) == 0 {
		only = f.defaults.Only
	}
	selected, err := catalog.Select(only, f.skip)
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
	w, err := world.New(factory, cmd, &f.World, f.scope.AllNamespaces)
	o.world = &reading{World: w, kube: f.kube}
	if err == nil {
		w.Texts = slices.ContainsFunc(selected, func(r *rules.Rule) bool { return r.Texts })
	}
	return o, err
}

func (f *Flags) validate() error {
	if err := f.World.Validate(); err != nil {
		return err
	}
	_, isVersion := schema.Minor(f.kube)
	switch {
	case f.kube != "" && !isVersion:
		return fault.Usagef("--kube-version %q: expected a version such as 1.33", f.kube)
	case f.write && (!f.World.Files.Given() || f.World.Files.Kustomize != "" || f.World.Overlay || slices.Contains(f.World.Files.Files, "-")):
		return fault.Usagef("--write needs the files to repair").Try("name them with -f FILE or -f DIRECTORY, without --overlay")
	case f.write && slices.ContainsFunc(f.World.Files.Files, func(p string) bool { return strings.Contains(p, "://") }):
		return fault.Usagef("--write cannot write to an address").Try("save the manifests in a file first")
	case f.write && f.report.Output == patchFormat:
		return fault.Usagef("--write writes the files, -o patch prints the fixes: expected one of the two")
	case f.maxLogs < 0:
		return fault.Usagef("--max-logs %d: expected a number of 0 or more", f.maxLogs)
	}
	return nil
}
