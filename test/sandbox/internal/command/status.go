// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/plane"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/proc"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/supervisor"
)

// statusReport is what `status -o json` prints.
type statusReport struct {
	Name string `json:"name"`
	Dir  string `json:"dir"`
	// Running is true from the first process to the last, Phase says whether the sandbox can be used.
	Running bool             `json:"running"`
	Phase   supervisor.Phase `json:"phase"`
	Error   string           `json:"error,omitempty"`
	// Pid is the supervisor.
	Pid          int               `json:"pid"`
	APIServer    string            `json:"apiserver"`
	Kubeconfig   string            `json:"kubeconfig"`
	AuditLog     string            `json:"auditLog"`
	StartSeconds float64           `json:"startSeconds"`
	Components   []componentStatus `json:"components"`
}

type componentStatus struct {
	supervisor.Component
	Running bool `json:"running"`
}

func status(flags *flag.FlagSet) func(context.Context, env) error {
	var t target
	t.declare(flags)
	output := flags.String("o", "", "output `FORMAT`: json, or one line a process")
	return func(_ context.Context, e env) error {
		if *output != "" && *output != "json" {
			return usagef("expected -o json, found -o %s", *output)
		}
		d, err := t.resolve()
		if err != nil {
			return err
		}
		state, running, err := supervisor.Read(d)
		if errors.Is(err, os.ErrNotExist) {
			fmt.Fprintln(e.progress, notFound(d, err))
			return errNo
		}
		if err != nil {
			return err
		}
		r := newStatusReport(d, state, running)
		if err := r.print(e, *output); err != nil {
			return err
		}
		if !running || state.Phase != supervisor.Ready {
			return errNo
		}
		return nil
	}
}

func newStatusReport(d plane.Dir, state supervisor.State, running bool) statusReport {
	r := statusReport{
		Name: state.Name, Dir: string(d), Running: running, Phase: state.Phase, Error: state.Error, Pid: state.Pid,
		APIServer: state.Server, Kubeconfig: d.Kubeconfig(), AuditLog: d.AuditLog(), StartSeconds: state.StartSeconds,
	}
	for _, component := range state.Components {
		// Without the supervisor an id may be anybody's by now.
		r.Components = append(r.Components, componentStatus{component, running && proc.Alive(component.Pid)})
	}
	return r
}

func (r statusReport) print(e env, format string) error {
	if format == "json" {
		out := json.NewEncoder(e.out)
		out.SetIndent("", "  ")
		return out.Encode(r)
	}
	out := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(out, "supervisor\t%s\t%d\t%s\n", word(r.Running), r.Pid, r.Dir)
	for _, component := range r.Components {
		fmt.Fprintf(out, "%s\t%s\t%d\t%s\n", component.Name, word(component.Running), component.Pid, component.Log)
	}
	if r.Error != "" {
		fmt.Fprintln(e.progress, r.Error)
	}
	return out.Flush()
}

func word(running bool) string {
	if running {
		return "running"
	}
	return "ended"
}
