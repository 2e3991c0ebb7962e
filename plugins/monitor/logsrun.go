// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"bufio"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/logs"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/tail"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// logsRun is one run of "logs".
type logsRun struct {
	*cli.Factory
	*logsFlags
	filter    *logs.Filter
	formatter *logs.Formatter
	container *regexp.Regexp
	since     time.Time
	out       *bufio.Writer
	line      []byte
	notes
}

// start checks the flags.
func (l *logsFlags) start(f *cli.Factory, args []string) (*logsRun, error) {
	if err := l.report.Validate(); err != nil {
		return nil, err
	}
	filter, err := l.filter()
	if err != nil {
		return nil, err
	}
	run := &logsRun{Factory: f, logsFlags: l, filter: filter, out: bufio.NewWriterSize(f.Streams.Out, 64<<10)}
	if l.container != "" {
		if run.container, err = compile("--container", l.container); err != nil {
			return nil, err
		}
	}
	if run.since, err = l.sinceWhen(f.Now()); err != nil {
		return nil, err
	}
	if err := l.contradictions(args); err != nil {
		return nil, err
	}
	run.formatter = &logs.Formatter{Style: l.report.Output, Prefix: l.prefix, Times: l.timestamps, Select: l.fields, Color: f.Colors().Enabled()}
	if l.report.Output == logs.Pretty || l.report.Output == logs.Raw && f.Streams.OutTerminal {
		run.formatter.Clean = render.Sanitise
	}
	return run, nil
}

// sinceWhen is the time before which lines are left out.
func (l *logsFlags) sinceWhen(now time.Time) (time.Time, error) {
	switch {
	case l.since < 0:
		return time.Time{}, fault.Usagef("--since=%s: expected how long ago, such as 5m", l.since)
	case l.since > 0 && l.sinceTime != "":
		return time.Time{}, fault.Usagef("--since and --since-time cannot be used together")
	case l.since > 0:
		return now.Add(-l.since), nil
	case l.sinceTime == "":
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, l.sinceTime)
	if err != nil {
		return at, fault.Usagef("--since-time %q: expected a time such as %s", l.sinceTime, now.UTC().Format(time.RFC3339))
	}
	return at, nil
}

// goesOn says how to go on with logs: with kubectl logs it is -f.
func goesOn(err *fault.Error, targets []string) error {
	words := []string{cli.Name, "monitor logs"}
	for _, target := range targets {
		words = append(words, cli.Quote(target))
	}
	return err.Try("to go on with what comes, as kubectl logs -f does: %s -F", strings.Join(words, " "))
}

// contradictions are flags that cannot be meant together.
func (l *logsFlags) contradictions(args []string) error {
	stdin := len(args) == 1 && args[0] == "-"
	switch {
	case len(l.files) > 0 && len(args) > 0:
		return goesOn(fault.Usagef("-f reads files, and targets are in a cluster: expected one of them"), args)
	case (len(l.files) > 0 || stdin) && (l.follow || l.previous || l.scope.AllNamespaces || l.scope.Selector != "" || l.container != ""):
		return fault.Usagef("files have no containers: -F, -p, -A, -l and -c are about a cluster")
	case (len(l.files) > 0 || stdin) && (l.since > 0 || l.sinceTime != "" || l.timestamps):
		return fault.Usagef("times of lines are known to a cluster: --since, --since-time and --timestamps are not about files").Try("--grep 'T12:0[5-9]' or --where picks lines by what they say")
	case l.scope.Selector != "" && len(args) > 0:
		return fault.Usagef("expected targets or -l, found both").Try("run it once for each")
	case l.scope.AllNamespaces && len(args) > 0:
		return fault.Usagef("-A is about the pods of all namespaces, and a target is in one").Try("-n NAMESPACE")
	case l.follow && l.previous:
		return fault.Usagef("-p reads runs that are over, and -F what is yet to come: expected one of them")
	case l.merge < 0:
		return fault.Usagef("--merge=%s: expected a duration such as 500ms, or 0", l.merge)
	}
	return nil
}

func (r *logsRun) do(ctx context.Context, cmd *cobra.Command, args []string) error {
	if len(args) == 1 && args[0] == "-" {
		return r.readFiles(ctx, args)
	}
	if len(r.files) > 0 {
		if err := cli.Offline(cmd); err != nil {
			return err
		}
		return r.readFiles(ctx, r.files)
	}
	config, err := r.RESTConfig()
	if err != nil {
		return err
	}
	client, err := cluster.New(config)
	if err != nil {
		return err
	}
	targets, err := r.targets(ctx, client, args)
	if err != nil {
		return err
	}
	t := tail.New(client, tail.Options{
		Containers: r.container, Previous: r.previous, Since: r.since, Tail: r.lastLines(),
		Keep:    func() func(logs.Piece) bool { return r.filter.Stream().KeepPiece },
		Trouble: func(err error) { r.note("not read: %v", err) },
	})
	pods, err := t.Pods(ctx, targets)
	if err != nil {
		return err
	}
	t.Containers(pods, r.formatter.Reserve)
	if len(pods) == 0 && len(args) == 0 {
		if err := world.Absent(ctx, client, targets[0].Namespace); err != nil {
			return err
		}
	}
	if r.follow {
		return r.goOn(ctx, t, targets, pods)
	}
	return r.once(ctx, t, targets, pods)
}

// lastLines is how many of the last lines of a container are asked for.
func (l *logsFlags) lastLines() int64 {
	if l.tail < 0 && l.follow && l.since == 0 && l.sinceTime == "" {
		return tailOfFollow
	}
	return l.tail
}

func (r *logsRun) targets(ctx context.Context, client *cluster.Client, args []string) ([]tail.Target, error) {
	namespace, selector, err := r.scope.Scope(r.Factory)
	if err != nil {
		return nil, err
	}
	if len(args) > 0 {
		return tail.Resolve(ctx, client, namespace, args)
	}
	t := tail.Target{Namespace: namespace, Selector: selector}
	if r.scope.Selector != "" {
		t.Name = "-l " + r.scope.Selector
	}
	return []tail.Target{t}, nil
}

// once reads what there is.
func (r *logsRun) once(ctx context.Context, t *tail.Tailer, targets []tail.Target, pods []*corev1.Pod) error {
	if len(pods) == 0 {
		return fault.New(fault.Undecided, "%s has no pods", tail.Describe(targets)).Try("wait for them with --follow, or: kubectl micro diagnose")
	}
	for line := range t.Read(ctx, pods) {
		if err := r.write(line); err != nil {
			return err
		}
	}
	if err := r.out.Flush(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("reading logs: %w", err)
	}
	n := t.Counts()
	switch {
	case n.Containers == 0 && r.previous:
		return fault.New(fault.Undecided, "no container of %s has started again: there is no run before", tail.Describe(targets))
	case n.Containers == 0 && r.container != nil && !slices.ContainsFunc(tail.Names(pods), r.container.MatchString):
		return fault.Usagef("no container of %s matches --container %s: there are %s",
			tail.Describe(targets), r.container, strings.Join(tail.Names(pods), ", "))
	case n.Containers == 0:
		return fault.New(fault.Undecided, "no container of %s has a log yet", tail.Describe(targets)).Try("kubectl micro diagnose")
	case n.Failed == n.Containers:
		return noneRead(n)
	}
	r.matched(n.Read, n.Kept, "of "+cli.Plural(n.Containers, "container"))
	return nil
}

// noneRead is the error of a run in which no log could be read.
func noneRead(n tail.Counts) error {
	return fault.Failedf("none of the logs of %s could be read", cli.Plural(n.Containers, "container"))
}

// goOn writes lines as they come, until ctx ends or it turns out that none may be read.
func (r *logsRun) goOn(ctx context.Context, t *tail.Tailer, targets []tail.Target, pods []*corev1.Pod) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines := make(chan logs.Line, 1024)
	ended := make(chan error, 1)
	go func() {
		ended <- t.Follow(ctx, targets, pods, lines)
		close(lines)
	}()
	err := r.ordered(lines)
	cancel()
	for range lines { // where writing failed, let the streams end
	}
	switch followed := <-ended; {
	case err != nil:
		return err
	case followed != nil:
		return fmt.Errorf("reading logs: %w", followed)
	}
	return noneRead(t.Counts())
}

// unclearEvery is how soon a run that goes on says what it could not compare.
const unclearEvery = time.Second

// ordered writes lines in order, as far as --merge allows, and flushes when there
// is nothing to write. What --where cannot compare is told meanwhile: it may be why
// no line comes.
func (r *logsRun) ordered(lines <-chan logs.Line) error {
	window := &logs.Window{Span: r.merge}
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	ticker := time.NewTicker(unclearEvery)
	defer ticker.Stop()
	defer r.unclear()
	for {
		if next, held := window.Next(); held {
			timer.Reset(next.Sub(r.Now()))
		}
		select {
		case line, open := <-lines:
			if !open {
				return r.writeAll(window.Rest(), true)
			}
			window.Add(line, r.Now())
		case <-timer.C:
		case <-ticker.C:
			r.unclear()
		}
		if err := r.writeAll(window.Take(r.Now()), len(lines) == 0); err != nil {
			return err
		}
	}
}

func (r *logsRun) writeAll(lines []logs.Line, flush bool) error {
	for _, l := range lines {
		if err := r.write(l); err != nil {
			return err
		}
	}
	if flush && r.out.Buffered() > 0 {
		return r.out.Flush()
	}
	return nil
}

func (r *logsRun) write(l logs.Line) error {
	r.line = r.formatter.Append(r.line[:0], l)
	_, err := r.out.Write(r.line)
	return err
}
