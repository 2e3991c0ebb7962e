// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/detect"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// detectFlags are those of "detect".
type detectFlags struct {
	report  *cli.ReportFlags
	explain bool
	strict  bool
}

func newDetect(f *cli.Factory) *cobra.Command {
	flags := &detectFlags{report: cli.NewReportFlags("table", "json", "yaml", "dot", "mermaid")}
	cmd := &cobra.Command{
		Use:   "detect [DIR]",
		Short: "Say which services a source tree has, with the evidence",
		Long: cli.Doc(`
			Read a source tree, by default the current folder, and say which services are in it:
			language, framework, what is started, ports, protocol, health endpoints, environment
			variables, files read at run time, and who calls whom. Nothing is run or written.

			Every fact has evidence: a rule, a file, a line, what stands on it and a confidence.
			What is stated (micro.yaml, a Dockerfile, a Procfile, a compose file) outranks package
			metadata, and that what the sources look like. The highest confidence wins; a tie is
			reported as ambiguous, never decided by chance.

			Links are not followed; binaries, huge files and dependencies are left out. What could
			not be read is said on stderr.

			With --strict, the exit code is 4 when something is ambiguous or no service is found.`),
		Example: `
			# The services of the current folder
			kubectl micro scaffold detect

			# Why?
			kubectl micro scaffold detect ./shop --explain

			# Who calls whom, for a page of documentation
			kubectl micro scaffold detect ./shop -o mermaid

			# In a script: stop where a person has to decide
			kubectl micro scaffold detect ./shop -o json --strict`,
		Args: oneFolder,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			return flags.run(f, cmd, dir)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
	}
	flags.report.AddFlags(cmd.Flags())
	cmd.Flags().BoolVar(&flags.explain, "explain", false, "Show the evidence of every fact below the table")
	cmd.Flags().BoolVar(&flags.strict, "strict", false, "Exit with 4 when a fact is ambiguous or there is no service")
	return cmd
}

func oneFolder(cmd *cobra.Command, args []string) error {
	if len(args) <= 1 {
		return nil
	}
	return fault.Usagef("expected one folder at most, found %d arguments", len(args)).Try("%s %s", cmd.CommandPath(), cli.Quote(args[0]))
}

func (d *detectFlags) run(f *cli.Factory, cmd *cobra.Command, dir string) error {
	if err := d.report.Validate(); err != nil {
		return err
	}
	if d.explain && d.report.Output != "table" {
		return fault.Usagef("--explain is for tables, found -o %s: json and yaml have the evidence anyway", d.report.Output).Try("%s -o json", cmd.CommandPath())
	}
	found, err := scanFolder(dir)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := d.print(f, &out, found); err != nil {
		return err
	}
	if _, err := out.WriteTo(f.Streams.Out); err != nil {
		return fault.Wrap(fault.Failed, err, "write the services")
	}
	tellDetection(f.Streams.ErrOut, found)
	if len(found.Services) == 0 {
		fmt.Fprintf(f.Streams.ErrOut, "no services found in %s\n", render.Sanitise(dir))
	}
	if d.strict && (len(found.Ambiguous) > 0 || len(found.Services) == 0) {
		return fault.Silently(fault.Undecided)
	}
	return nil
}

func (d *detectFlags) print(f *cli.Factory, out *bytes.Buffer, found api.Detection) error {
	switch d.report.Output {
	case "dot":
		return callGraph(found).Dot(out)
	case "mermaid":
		return callGraph(found).Mermaid(out)
	case "table":
		if len(found.Services) > 0 {
			table := detectTable(f, found)
			table.NoHeaders = d.report.NoHeaders
			if err := table.Write(out); err != nil {
				return err
			}
		}
	default:
		return render.Report(out, d.report.Output, found)
	}
	if d.explain {
		explainDetection(out, found)
	}
	return nil
}

// scanFolder scans a folder.
func scanFolder(dir string) (api.Detection, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return api.Detection{}, fault.Unreadable(dir, err)
	}
	if !info.IsDir() {
		return api.Detection{}, fault.Usagef("expected a folder with sources, found a file").At(dir).Try("kubectl micro scaffold detect %s", cli.Quote(filepath.Dir(dir)))
	}
	name := ""
	if full, err := filepath.Abs(dir); err == nil {
		name = filepath.Base(full)
	}
	return detect.Scan(os.DirFS(dir), detect.Options{Name: name}), nil
}

// tellDetection says on stderr what the services cannot.
func tellDetection(w io.Writer, found api.Detection) {
	for _, n := range found.Notes {
		fmt.Fprintf(w, "note: %s\n", render.Sanitise(n))
	}
	for _, t := range found.Ambiguous {
		fmt.Fprintf(w, "ambiguous: %s of %s\n", t.Fact, render.Sanitise(t.Service))
		for _, e := range t.Between {
			fmt.Fprintf(w, "  %s (%s)\n", render.Sanitise(e.Value), render.Sanitise(evidencePlace(e)))
		}
	}
}

func detectTable(f *cli.Factory, found api.Detection) *render.Table {
	table := f.Table("NAME", "FOLDER", "LANGUAGE", "FRAMEWORK", "KIND", "PORT", "PROTOCOL", "HEALTH", "CALLS")
	for _, s := range found.Services {
		var calls []string
		for _, c := range s.Calls {
			if len(calls) == 0 || calls[len(calls)-1] != c.To {
				calls = append(calls, c.To)
			}
		}
		ports := append([]string{factCell(s.Port)}, evidenceValues(s.MorePorts)...)
		table.Rows = append(table.Rows, []string{
			s.Name, s.Dir, factCell(s.Language), factCell(s.Framework), factCell(s.Kind), strings.Join(ports, ","), factCell(s.Protocol),
			dashed(strings.Join(evidenceValues(s.Health), ",")), dashed(strings.Join(calls, ",")),
		})
	}
	return table
}

func evidenceValues(list []api.DetectedEvidence) []string {
	var out []string
	for _, e := range list {
		out = append(out, e.Value)
	}
	return out
}

// factCell is a fact's value, "a?b" for a tie of a and b.
func factCell(f api.DetectedFact) string { return dashed(f.String() + strings.Join(f.Ambiguous, "?")) }

func dashed(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// evidencePlace is file:line, or the file.
func evidencePlace(e api.DetectedEvidence) string {
	if e.Line == 0 {
		return e.File
	}
	return e.File + ":" + strconv.Itoa(e.Line)
}

// explainDetection writes the evidence of every fact, the strongest first.
func explainDetection(w io.Writer, found api.Detection) {
	for _, s := range found.Services {
		fmt.Fprintf(w, "\n%s (%s)\n", render.Sanitise(s.Name), render.Sanitise(s.Dir))
		explainFact(w, "folder", s.Dir, s.Boundary)
		for _, f := range []struct {
			name string
			fact api.DetectedFact
		}{
			{"language", s.Language}, {"framework", s.Framework}, {"build", s.Build}, {"version", s.Version}, {"kind", s.Kind}, {"entry", s.Entry}, {"start", s.Start},
			{"port", s.Port}, {"protocol", s.Protocol}, {"dockerfile", s.Dockerfile}, {"user", s.User},
		} {
			explainFact(w, f.name, factCell(f.fact), f.fact.Evidence)
		}
		for _, list := range []struct {
			name string
			list []api.DetectedEvidence
		}{{"more ports", s.MorePorts}, {"health", s.Health}, {"asset", s.Assets}, {"build file", s.BuildFiles}, {"trait", s.Traits}} {
			for _, e := range list.list {
				explainFact(w, list.name, e.Value, []api.DetectedEvidence{e})
			}
		}
		for _, e := range s.Env {
			value := e.Name + ", " + e.Need
			if e.Default != nil {
				value += ", " + *e.Default
			}
			explainFact(w, "env", value, e.Evidence)
		}
		for _, c := range s.Calls {
			explainFact(w, "calls", c.To, c.Evidence)
		}
	}
	for _, b := range found.Backing {
		fmt.Fprintf(w, "\n%s (%s)\n", render.Sanitise(b.Name), render.Sanitise(b.Image))
		explainFact(w, "store", b.Store, b.Evidence)
	}
}

// explainFact writes one fact and what it rests on.
func explainFact(w io.Writer, name, value string, list []api.DetectedEvidence) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "  %s: %s\n", name, render.Sanitise(value))
	for _, e := range list {
		fmt.Fprintf(w, "    %3d%%  %s  %s: %s", e.Confidence, render.Sanitise(evidencePlace(e)), render.Sanitise(e.Source), render.Sanitise(e.Value))
		if e.Quote != "" {
			fmt.Fprintf(w, "  | %s", render.Sanitise(e.Quote))
		}
		fmt.Fprintln(w)
	}
}
