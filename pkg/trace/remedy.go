// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// Remedy is the command that writes what is missing, where all that is in the
// way is that no rule lets the request through; empty where more than that is,
// or where policies cannot name the ends. World are the flags that say which
// world is meant.
func Remedy(a reach.Answer, world string) string {
	if a.Verdict != verdict.Deny {
		return ""
	}
	for _, g := range a.Groups {
		for _, h := range g.Hops {
			if h.Verdict == verdict.Deny && h.Rule != noRule {
				return ""
			}
		}
	}
	to, ports := callee(a)
	from := caller(a.From, a.To.Namespace)
	if from == "" || to == "" {
		return ""
	}
	words := []string{cli.Name, "secure allow", from, to, "-n", a.To.Namespace}
	if a.Request.Method != "" {
		words = append(words, "--methods", cli.Quote(a.Request.Method))
	}
	if path, _, _ := strings.Cut(a.Request.Path, "?"); path != "" {
		words = append(words, "--paths", cli.Quote(path))
	}
	for _, more := range []string{ports, world} {
		if more != "" {
			words = append(words, more)
		}
	}
	return strings.Join(words, " ")
}

// caller is an end as policies name who calls.
func caller(x reach.End, home string) string {
	switch o := x.Object; {
	case x.Kind == reach.Internet, x.Kind == reach.Node:
		return x.Text
	case x.Kind != reach.Pods, len(x.Peers) == 0 || x.Peers[0].Workload == nil: // made up: nothing can be selected
		return ""
	case o.Name == "":
		return x.Text // prometheus
	case o.Kind == model.ServiceAccounts.Kind.Kind:
		return "sa/" + o.Namespace + "/" + o.Name
	case o.Kind == model.IstioGateways.Kind.Kind:
		return "gateway/" + o.Namespace + "/" + o.Name
	case o.Kind == model.Pods.Kind.Kind:
		return ""
	}
	return strings.TrimPrefix(x.Text, home+"/")
}

// callee is the end that is called as policies name it, and the flag for its
// port: a workload takes none behind its name.
func callee(a reach.Answer) (to, ports string) {
	x := a.To
	switch {
	case x.Object.Name == "" || x.Namespace == "":
		return "", ""
	case x.Kind == reach.Service:
		return strings.TrimPrefix(x.Text, x.Namespace+"/"), ""
	case x.Kind != reach.Pods || x.Object.Kind == model.Pods.Kind.Kind || x.Object.Kind == model.IstioGateways.Kind.Kind:
		return "", ""
	}
	to, _, _ = strings.Cut(strings.TrimPrefix(x.Text, x.Namespace+"/"), ":")
	if port := cmp.Or(a.Groups[0].Port, x.Port); port != 0 {
		ports = fmt.Sprintf("--port %d", port)
	}
	return to, ports
}
