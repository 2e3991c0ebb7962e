// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package observe

import (
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// Logs says whose logs are to be read, and by what.
type Logs struct {
	Namespace string
	// Agent is one of Agents.
	Agent string
	// Prometheus is the namespace of who may read the metrics of the collectors.
	Prometheus string
}

// agents are the collectors by the names of their projects; package app has shorter ones.
var agents = map[string]string{"fluent-bit": "fluentbit", "fluentd": "fluentd", "otel": "otel"}

// Agents are the collectors of logs there are, the default first.
func Agents() []string { return []string{"fluent-bit", "fluentd", "otel"} }

// Logging makes what reads the logs of a namespace on each node: the objects that the
// scaffold makes for its systems, so that there is one way of it.
func Logging(s *model.Snapshot, l Logs) ([]Draft, error) {
	system := api.System{TypeMeta: api.Type("System"), Metadata: api.SystemMeta{Name: l.Namespace, Namespace: l.Namespace}}
	system.Platform.Monitoring.Namespace = l.Prometheus
	system.Platform.Mesh = "none"
	if s != nil && meshed(s, l.Namespace) {
		system.Platform.Mesh = "sidecar"
	}
	set, err := app.Collect(system, agents[l.Agent], app.Options{})
	if err != nil {
		return nil, err
	}
	var out []Draft
	for _, o := range set.Objects {
		out = append(out, Draft{Object: o})
	}
	for _, w := range set.Warnings {
		out[len(out)-1].Steps = append(out[len(out)-1].Steps, Step{Why: w.Text, Command: strings.TrimSpace(w.Fix)})
	}
	return out, nil
}

// meshed reports whether any pods of a namespace have a proxy.
func meshed(s *model.Snapshot, namespace string) bool {
	for _, p := range s.Peers(namespace) {
		if d, _ := s.Dataplane(p); d == model.SidecarProxy || d == model.AmbientProxy {
			return true
		}
	}
	return false
}
