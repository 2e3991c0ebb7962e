// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/duration"
)

// Where risk begins. CPU is held at its limit by the kernel, so that an average
// over the window of the metrics hardly ever reaches it in full.
const (
	nearMemory = 0.9
	nearCPU    = 0.95
	// HeldBack is the share of periods from which on throttling matters.
	HeldBack = 0.25
)

// Code says which rule found a risk.
type Code string

// The rules. A container is judged by its own limits; the pod by those that it
// has as a whole. Nothing follows from what is unknown.
const (
	// OOMKilled: a container last ended for want of memory.
	OOMKilled Code = "oom-killed"
	// MemoryLimit: memory is at 90 % of the limit or above.
	MemoryLimit Code = "memory-limit"
	// MemoryUnbounded: there is no memory limit, and more in use than was asked for:
	// among the first to go when the node runs short.
	MemoryUnbounded Code = "memory-unbounded"
	// CPULimit: CPU is at 95 % of the limit or above.
	CPULimit Code = "cpu-limit"
	// Throttled: held back in a quarter of all periods or more.
	Throttled Code = "cpu-throttled"
	// Pressure: the node says that it runs short.
	Pressure Code = "node-pressure"
	// NotReady: the node is not ready, or nobody hears from it.
	NotReady Code = "node-not-ready"
	// Full: the node uses 90 % of its memory or 95 % of its CPU, or above.
	Full Code = "node-full"
)

// ofLimit is what a share is of.
const ofLimit = "of its limit"

// ofPods are the rules about pods, the worst first.
var ofPods = []Code{OOMKilled, MemoryLimit, MemoryUnbounded, CPULimit, Throttled}

// Risk is one reason to look at something.
type Risk struct {
	Code Code
	// Container is empty where the pod or node as a whole is meant.
	Container string
	// Text is for people, without the name of the container: "memory 94% of its limit".
	Text string
}

// Risks are those of a pod, the worst first. Now is for ages.
func (p *Pod) Risks(now time.Time) []Risk {
	var out []Risk
	for _, code := range ofPods {
		found := false
		for i := range p.Containers {
			c := &p.Containers[i]
			if text := c.risk(code, p, now); text != "" {
				out = append(out, Risk{code, c.Name, text})
				found = true
			}
		}
		if text := p.risk(code); text != "" && !found {
			out = append(out, Risk{code, "", text})
		}
	}
	return out
}

// risk is what one rule says of a container; empty if nothing.
func (c *Container) risk(code Code, p *Pod, now time.Time) string {
	switch code {
	case OOMKilled:
		if c.OOM() {
			return "OOMKilled" + age(c.Ended.At, now)
		}
	case MemoryLimit:
		return near("memory", c.OfLimits.Memory, nearMemory, ofLimit)
	case MemoryUnbounded:
		if c.Limits.Memory == nil && p.Limits.Memory == nil && above(c.Used.Memory, c.Requests.Memory) {
			if *c.Requests.Memory == 0 {
				return "no memory request and no limit"
			}
			return fmt.Sprintf("memory %s of its request and no limit", Percent(*c.Used.Memory / *c.Requests.Memory))
		}
	case CPULimit:
		return near("cpu", c.OfLimits.CPU, nearCPU, ofLimit)
	case Throttled:
		if c.Throttled != nil && *c.Throttled >= HeldBack {
			return "cpu throttled " + Percent(*c.Throttled)
		}
	}
	return ""
}

// risk is what one rule says of the pod as a whole. It matters where the pod has
// limits of its own.
func (p *Pod) risk(code Code) string {
	switch code {
	case MemoryLimit:
		return near("memory", p.OfLimits.Memory, nearMemory, ofLimit)
	case CPULimit:
		return near("cpu", p.OfLimits.CPU, nearCPU, ofLimit)
	}
	return ""
}

// Risks are those of the pods, each rule once for each container's name, with the
// text of the first pod and how many pods fare so.
func (w *Workload) Risks(now time.Time) []Risk {
	type rule struct {
		Code
		container string
	}
	var order []rule
	first, times := map[rule]Risk{}, map[rule]int{}
	for _, code := range ofPods {
		for i := range w.Members {
			for _, r := range w.Members[i].Risks(now) {
				at := rule{r.Code, r.Container}
				if r.Code != code {
					continue
				}
				if times[at]++; times[at] == 1 {
					order, first[at] = append(order, at), r
				}
			}
		}
	}
	var out []Risk
	for _, at := range order {
		r := first[at]
		if w.Pods > 1 {
			r.Text += fmt.Sprintf(" (%d of %d pods)", times[at], w.Pods)
		}
		out = append(out, r)
	}
	return out
}

// Risks are those of a node, the worst first.
func (n *Node) Risks() []Risk {
	var out []Risk
	if n.Ready == nil {
		out = append(out, Risk{Code: NotReady, Text: "nothing is heard from it"})
	} else if !*n.Ready {
		out = append(out, Risk{Code: NotReady, Text: "not ready"})
	}
	if len(n.Pressure) > 0 {
		out = append(out, Risk{Code: Pressure, Text: strings.Join(n.Pressure, ", ")})
	}
	for _, text := range []string{near("memory", n.UsedOf.Memory, nearMemory, "in use"), near("cpu", n.UsedOf.CPU, nearCPU, "in use")} {
		if text != "" {
			out = append(out, Risk{Code: Full, Text: text})
		}
	}
	return out
}

// near says how much of a whole is in use, from a share on.
func near(what string, ratio *float64, from float64, whole string) string {
	if ratio == nil || *ratio < from {
		return ""
	}
	return what + " " + Percent(*ratio) + " " + whole
}

func above(a, b *float64) bool { return a != nil && b != nil && *a > *b }

// age is " 12m ago"; nothing where the time is unknown.
func age(at, now time.Time) string {
	if at.IsZero() {
		return ""
	}
	return " " + duration.ShortHumanDuration(max(0, now.Sub(at))) + " ago"
}
