// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/logs"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// logsFlags are those of "logs".
type logsFlags struct {
	scope   cli.ScopeFlags
	report  *cli.ReportFlags
	timeout cli.TimeoutFlag
	files   []string

	include, exclude     []string
	level, where         string
	fields               []string
	jsonOnly             bool
	follow, previous     bool
	since                time.Duration
	sinceTime, container string
	tail                 int64
	merge                time.Duration
	prefix, timestamps   bool
}

// tailOfFollow is where a run that goes on begins, unless flags say otherwise.
const tailOfFollow = 10

// logsHelp is the long help.
const logsHelp = `
	Read what the containers of services, workloads or pods write, as one log in the
	order of time. There is no limit to the number of containers.

	TARGET is "svc/NAME", "deploy/NAME", "sts/NAME", "ds/NAME", "job/NAME", "pod/NAME", or
	a bare name: a Service's, else a workload's, else a pod's. Without one it is all pods
	of the namespace, those of -l, or with -A of all namespaces. A TARGET of - or files
	given by -f are read instead of a cluster.

	The level of a line is found whatever wrote it: JSON of zap, logrus, zerolog, bunyan,
	pino, logback, slog and Envoy, klog, logfmt, access logs, and text with a level's name
	in it. --level takes lines whose level cannot be told too, but for the continuation
	(a line that begins with a blank) of one that it left out.

	--where is an expression over the fields of a line: FIELD, FIELD = VALUE with one of
	= != < <= > >=, FIELD ~ REGEXP or !~, put together by and, or, not and parentheses.
	Fields nest with dots; level, message and time work for every format. Values are words,
	numbers, durations (250ms), levels, null, or quoted. A line without the field only
	satisfies != and !~. Lines that are not JSON are shown like others; --json-only leaves
	them out.

	As with kubectl logs, the run ends with the last line there is; then lines are in
	order over all containers, and the same logs give the same output. With --follow (-F)
	it goes on, also with pods that appear later and containers that start again: it begins
	with the last 10 lines of each, and --merge is how long a line is held back for earlier
	ones of other containers.

	The exit code is 0 also when no line is chosen, with a note on stderr; 2 for a target
	that does not exist; 3 when no log could be read; 4 when no pod or no log is there.`

func newLogs(f *cli.Factory) *cobra.Command {
	flags := &logsFlags{report: cli.NewReportFlags(logs.Pretty, logs.Raw, logs.Lines)}
	cmd := &cobra.Command{
		Use:   "logs [TARGET...]",
		Short: "Read the logs of all containers of services, by level and by field, in order",
		Long:  cli.Doc(logsHelp),
		Example: `
			# Warnings and errors of a service, over all its pods
			kubectl micro monitor logs svc/order-service --level warn

			# What fails or is slow, as it happens
			kubectl micro monitor logs svc/order-service -F --where 'status>=500 or took>1s'

			# Two fields of the lines about one order
			kubectl micro monitor logs deploy/order-service --where 'order.id=17' --fields level,message

			# The run before the last restart, without the sidecar
			kubectl micro monitor logs pod/order-service-0 -p --container '^app$'

			# A log that something else has read
			kubectl logs deploy/order-service | kubectl micro monitor logs --level warn -

			# One shape for every program, to process further
			kubectl micro monitor logs -l app=order-service --since 1h -o jsonl`,
		RunE: func(cmd *cobra.Command, args []string) error {
			run, err := flags.start(f, args)
			if err != nil {
				return err
			}
			return flags.timeout.Run(cmd.Context(), func(ctx context.Context) error { return run.do(ctx, cmd, args) })
		},
		ValidArgsFunction: completeLogTargets(f),
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		var missing *pflag.ValueRequiredError
		if errors.As(err, &missing) && missing.GetFlag().Name == "filename" {
			return goesOn(fault.Usagef("%s", err), cmd.Flags().Args())
		}
		return cmd.Parent().FlagErrorFunc()(cmd, err)
	})
	flags.addFlags(cmd)
	_ = cmd.RegisterFlagCompletionFunc("container", completeContainers(f))
	return cmd
}

func (l *logsFlags) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	l.scope.AddFlags(flags)
	l.report.AddFlags(flags)
	l.timeout.AddFlags(flags, "read")
	flags.StringSliceVarP(&l.files, "filename", "f", nil, "Files with logs to read, - for standard input; no cluster is needed")
	_ = cobra.MarkFlagFilename(flags, "filename")
	flags.StringArrayVarP(&l.include, "include", "i", nil, "Only lines that match one of these regular expressions")
	flags.StringArrayVarP(&l.exclude, "exclude", "e", nil, "No lines that match one of these regular expressions")
	flags.StringVar(&l.level, "level", "", "Only lines of this level and above. One of: ("+strings.Join(logs.Levels(), ", ")+").")
	cli.Offer(flags, "level", logs.Levels()...)
	flags.StringVar(&l.where, "where", "", "Only lines whose fields satisfy this expression, such as 'status>=500 and path~^/api'")
	flags.StringSliceVar(&l.fields, "fields", nil, "Show only these fields, in this order")
	flags.BoolVar(&l.jsonOnly, "json-only", false, "Only lines that are JSON objects")
	flags.BoolVarP(&l.follow, "follow", "F", false, "Go on with what is written later, also by pods that appear later")
	flags.BoolVarP(&l.previous, "previous", "p", false, "Read the runs of containers before their last restart")
	flags.DurationVar(&l.since, "since", 0, "Only lines younger than this, such as 5m; 0 is all")
	flags.StringVar(&l.sinceTime, "since-time", "", "Only lines after this time (RFC 3339)")
	flags.Int64Var(&l.tail, "tail", -1, "How many of the last lines of each container to read; -1 is all, and 10 with --follow unless --since is given")
	flags.StringVarP(&l.container, "container", "c", "", "Only containers whose name matches this regular expression")
	flags.DurationVar(&l.merge, "merge", 500*time.Millisecond, "How long --follow holds a line back for earlier ones of other containers")
	flags.BoolVar(&l.prefix, "prefix", true, "Put the pod and container before each line")
	flags.BoolVar(&l.timestamps, "timestamps", false, "Put the time before each line at which the container's runtime took it")
}

// filter compiles what chooses lines.
func (l *logsFlags) filter() (*logs.Filter, error) {
	out := &logs.Filter{JSONOnly: l.jsonOnly}
	for _, list := range []struct {
		flag string
		from []string
		into *[]*regexp.Regexp
	}{{"--include", l.include, &out.Include}, {"--exclude", l.exclude, &out.Exclude}} {
		for _, text := range list.from {
			pattern, err := compile(list.flag, text)
			if err != nil {
				return nil, err
			}
			*list.into = append(*list.into, pattern)
		}
	}
	if l.level != "" {
		var known bool
		if out.Level, known = logs.ParseLevel(l.level); !known || strings.ContainsAny(l.level, "0123456789") {
			err := fault.Usagef("--level %q: expected one of %s", l.level, strings.Join(logs.Levels(), ", "))
			if near := ref.Closest(l.level, logs.Levels()); len(near) > 0 {
				return nil, err.Try("did you mean --level %s?", near[0])
			}
			return nil, err
		}
	}
	if l.where != "" {
		var err error
		if out.Where, err = logs.ParseWhere(l.where); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func compile(flag, text string) (*regexp.Regexp, error) {
	pattern, err := regexp.Compile(text)
	if err != nil {
		return nil, fault.Usagef("%s %q: expected a regular expression (RE2)", flag, text).Because(err)
	}
	return pattern, nil
}
