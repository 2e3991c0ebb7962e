// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/usage"
)

// podUsage is a pod in the shape that is printed.
func podUsage(p *usage.Pod, now time.Time, containers bool) api.Usage {
	out := api.Usage{
		Object: usedObject(p.Ref), Node: p.Node, Template: p.Template, Pods: p.Count,
		CPU: cpuOf(p.Used, p.Requests, p.Limits, p.OfRequests, p.OfLimits), Memory: memoryOf(p.Used, p.Requests, p.Limits, p.OfRequests, p.OfLimits),
		Restarts: restartsOf(p.Restarts, p.Template), OOM: oomOf(p.OOM), Throttled: p.Throttled, Risks: risksOf(p.Risks(now)),
	}
	if owner := usedObject(p.Owner); owner != out.Object {
		out.Workload = &owner
	}
	if p.Used.CPU != nil || p.Used.Memory != nil {
		out.MeasuredPods = p.Count
	}
	if containers {
		out.Containers = containersOf(p.Containers, p.Template)
	}
	return out
}

// workloadUsage is a workload in that shape.
func workloadUsage(w *usage.Workload, now time.Time, containers bool) api.Usage {
	out := api.Usage{
		Object: usedObject(w.Ref), Pods: w.Pods, MeasuredPods: w.Measured, Template: w.Members[0].Template,
		CPU: cpuOf(w.Used, w.Requests, w.Limits, w.OfRequests, w.OfLimits), Memory: memoryOf(w.Used, w.Requests, w.Limits, w.OfRequests, w.OfLimits),
		Restarts: restartsOf(w.Restarts, w.Members[0].Template), OOM: oomOf(w.OOM), Throttled: w.Throttled, Risks: risksOf(w.Risks(now)),
	}
	if containers {
		out.Containers = containersOf(w.Containers(), w.Members[0].Template)
	}
	return out
}

func usedObject(r ref.Ref) api.ObjectRef {
	return api.ObjectRef{APIVersion: r.APIVersion(), Kind: r.Kind, Namespace: r.Namespace, Name: r.Name}
}

func cpuOf(used, requests, limits, ofRequests, ofLimits usage.Amount) api.UsageResource {
	return api.UsageResource{Used: used.CPU, Requests: requests.CPU, Limits: limits.CPU, UsedOfRequests: ofRequests.CPU, UsedOfLimits: ofLimits.CPU}
}

func memoryOf(used, requests, limits, ofRequests, ofLimits usage.Amount) api.UsageResource {
	return api.UsageResource{Used: used.Memory, Requests: requests.Memory, Limits: limits.Memory, UsedOfRequests: ofRequests.Memory, UsedOfLimits: ofLimits.Memory}
}

func containersOf(all []usage.Container, template bool) []api.ContainerUsage {
	out := make([]api.ContainerUsage, 0, len(all))
	for i := range all {
		c := &all[i]
		one := api.ContainerUsage{
			Name: c.Name, Type: "container",
			CPU:      cpuOf(c.Used, c.Requests, c.Limits, c.OfRequests, c.OfLimits),
			Memory:   memoryOf(c.Used, c.Requests, c.Limits, c.OfRequests, c.OfLimits),
			Restarts: restartsOf(c.Restarts, template), Throttled: c.Throttled,
		}
		switch {
		case c.Sidecar:
			one.Type = "sidecar"
		case c.Init:
			one.Type = "init"
		}
		if c.Ended != nil {
			one.Last = &api.ContainerEnded{Reason: c.Ended.Reason, ExitCode: c.Ended.ExitCode, At: timeOf(c.Ended.At)}
		}
		out = append(out, one)
	}
	return out
}

// restartsOf is nil for what does not run.
func restartsOf(n int32, template bool) *int32 {
	if template {
		return nil
	}
	return &n
}

func oomOf(o *usage.OOM) *api.UsageOOM {
	if o == nil {
		return nil
	}
	return &api.UsageOOM{Containers: o.Containers, Last: timeOf(o.Last)}
}

// timeOf is a time, nil for none.
func timeOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func risksOf(all []usage.Risk) []api.UsageRisk {
	out := make([]api.UsageRisk, 0, len(all))
	for _, r := range all {
		out = append(out, api.UsageRisk{Code: string(r.Code), Container: r.Container, Message: r.Text})
	}
	return out
}

// nodeUsage is a node in the shape that is printed.
func nodeUsage(n *usage.Node) api.NodeUsage {
	return api.NodeUsage{
		Name: n.Ref.Name, Ready: n.Ready, Unschedulable: n.Cordoned, Pressure: append([]string{}, n.Pressure...),
		Pods: n.Pods, MaxPods: n.MaxPods, Risks: risksOf(n.Risks()),
		CPU: api.NodeResource{
			Allocatable: n.Allocatable.CPU, Used: n.Used.CPU, Requests: n.Requests.CPU, Limits: n.Limits.CPU,
			UsedOfAllocatable: n.UsedOf.CPU, RequestsOfAllocatable: n.RequestsOf.CPU, LimitsOfAllocatable: n.LimitsOf.CPU,
		},
		Memory: api.NodeResource{
			Allocatable: n.Allocatable.Memory, Used: n.Used.Memory, Requests: n.Requests.Memory, Limits: n.Limits.Memory,
			UsedOfAllocatable: n.UsedOf.Memory, RequestsOfAllocatable: n.RequestsOf.Memory, LimitsOfAllocatable: n.LimitsOf.Memory,
		},
	}
}
