// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"reflect"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/cmd/internal/shape"
	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/settings"
	"github.com/kubectl-micro/kubectl-micro/pkg/slo"
	"github.com/kubectl-micro/kubectl-micro/pkg/update"
)

// document is one kind of the suite's own: a file that it reads, or a report.
type document struct {
	kind string
	t    reflect.Type
	// file says where a file is found; empty for reports.
	file string
	// by are the commands that print it with -o json.
	by []string
	// make returns the maker of its schema.
	make func(*shape.Comments) *shape.Maker
}

// documents are all there are.
func documents() []document {
	return append(fileKinds(), reportKinds()...)
}

func fileKinds() []document {
	lenient := func(c *shape.Comments) *shape.Maker {
		return &shape.Maker{Comments: c, Defs: map[string]any{}, Lenient: true, Refine: refine}
	}
	strict := func(c *shape.Comments) *shape.Maker {
		return &shape.Maker{Comments: c, Defs: map[string]any{}, Refine: refine}
	}
	return []document{
		{api.KindSystem, reflect.TypeFor[api.System](), "`micro.yaml`, the app file of `scaffold`", nil, func(c *shape.Comments) *shape.Maker {
			m := shape.App(c)
			m.Defs = map[string]any{}
			return m
		}},
		{"Config", reflect.TypeFor[api.Config](), "`.kubectl-micro.yaml`, what a team lives with", nil, lenient},
		{api.KindSettings, reflect.TypeFor[api.Settings](), "`~/.kube/micro.yaml`, what one person prefers", nil, lenient},
		{api.KindServiceIntents, reflect.TypeFor[api.ServiceIntents](), "the files of `secure plan`", []string{"secure plan"}, strict},
		{api.KindObjective, reflect.TypeFor[api.Objective](), "the files of `monitor generate slo`", nil, strict},
		{update.KindLock, reflect.TypeFor[update.Lock](), "`.micro/lock.yaml`, which `scaffold generate` and `update` write", nil, strict},
		{api.KindSnapshot, reflect.TypeFor[api.Snapshot](), "the first line of what `diagnose snapshot save` writes", nil, report},
	}
}

func reportKinds() []document {
	of := func(kind string, t reflect.Type, by ...string) document { return document{kind, t, "", by, report} }
	return []document{
		of("CanaryStatus", reflect.TypeFor[api.CanaryStatus](), "canary status"),
		of("CanaryStatusList", reflect.TypeFor[api.CanaryStatusList](), "canary status"),
		of("CompareReport", reflect.TypeFor[api.CompareReport](), "monitor compare"),
		of("Detection", reflect.TypeFor[api.Detection](), "scaffold detect"),
		of("Diagnosis", reflect.TypeFor[api.Diagnosis](), "diagnose", "scaffold lint", "secure audit", "secure lint"),
		of("DoctorReport", reflect.TypeFor[api.DoctorReport](), "monitor doctor"),
		of("EdgeList", reflect.TypeFor[api.EdgeList](), "monitor edges"),
		of("Finding", reflect.TypeFor[api.FindingLine]()),
		of("GateReport", reflect.TypeFor[api.GateReport](), "monitor check"),
		of("MTLSReport", reflect.TypeFor[api.MTLSReport](), "secure mtls"),
		of("NodeUsageList", reflect.TypeFor[api.NodeUsageList](), "monitor top nodes"),
		of("Path", reflect.TypeFor[api.Path](), "diagnose path", "secure check"),
		of("PolicyPlan", reflect.TypeFor[api.PolicyPlan](), "secure allow", "secure deny-by-default", "secure mtls", "secure plan"),
		of("QueryList", reflect.TypeFor[api.QueryList](), "monitor query"),
		of("Reachability", reflect.TypeFor[api.Reachability](), "secure map"),
		of("ReachabilityDiff", reflect.TypeFor[api.ReachabilityDiff](), "secure diff"),
		of("RuleList", reflect.TypeFor[api.RuleList](), "diagnose rules"),
		of("SettingList", reflect.TypeFor[api.SettingList](), "config view"),
		of("StatList", reflect.TypeFor[api.StatList](), "monitor stat"),
		of("StatusList", reflect.TypeFor[api.StatusList](), "monitor", "monitor status"),
		of("Timeline", reflect.TypeFor[api.Timeline](), "monitor events"),
		of("UsageList", reflect.TypeFor[api.UsageList](), "monitor top pods", "monitor top workloads"),
		of("VersionReport", reflect.TypeFor[api.VersionReport](), "version"),
	}
}

func report(c *shape.Comments) *shape.Maker {
	return &shape.Maker{Comments: c, Defs: map[string]any{}, Written: true}
}

// written are the kinds that a command prints.
func written(command string) []string {
	var out []string
	for _, d := range documents() {
		if slices.Contains(d.by, command) {
			out = append(out, d.kind)
		}
	}
	return out
}

// refine adds to files what their types cannot say.
func refine(id string, _ reflect.Type, schema map[string]any) {
	value := map[string]any{"type": []string{"string", "number", "boolean"}}
	values := map[string]any{"type": []string{"object", "null"}, "propertyNames": map[string]any{"enum": settings.Flags()}, "additionalProperties": value}
	switch id {
	case "Settings.Defaults":
		schema["propertyNames"], schema["additionalProperties"] = values["propertyNames"], value
	case "Settings.Commands", "Settings.Contexts":
		schema["additionalProperties"] = values
	case "DiagnoseConfig.Severities":
		schema["additionalProperties"] = map[string]any{"type": "string", "enum": []string{"info", "warning", "error"}}
	case "Ignore.Rules":
		schema["type"], schema["minItems"] = "array", 1
	case "ObjectiveSpec.Target":
		schema["type"] = []string{"string", "number"}
	case "ObjectiveSpec.View":
		schema["enum"] = []string{"client", "server"}
	case "ObjectiveSpec.Profile":
		schema["enum"] = slo.Profiles()
	case "Settings.Layout":
		schema["enum"] = []string{"flat", "kustomize"}
	case "Caller.Ports":
		schema["items"] = map[string]any{"type": "integer", "minimum": 1, "maximum": 65535}
	}
}
