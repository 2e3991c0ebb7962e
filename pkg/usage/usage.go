// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package usage sets what pods, workloads and nodes use against what they ask
// for and may take, and says which of them are at risk.
//
// What is used comes from the resource metrics API (model.PodMetrics and
// model.NodeMetrics in the Snapshot). Where that is missing, usage is nil, which
// means unknown and never zero; all else is there. Requests and limits are
// counted as the scheduler counts them, sidecars (restartable init containers)
// included.
package usage

import (
	"math"

	corev1 "k8s.io/api/core/v1"
)

// Amount is an amount of CPU in cores and of memory in bytes; or, where it is
// said so, two ratios. What nil means is said where it is used; for usage and
// ratios it is "unknown".
type Amount struct{ CPU, Memory *float64 }

// amount reads a list; what is not in it is nil.
func amount(list corev1.ResourceList) Amount {
	return Amount{cores(list), bytes(list)}
}

// asked is amount for requests, where nothing is zero.
func asked(list corev1.ResourceList) Amount {
	out := amount(list)
	for _, p := range []**float64{&out.CPU, &out.Memory} {
		if *p == nil {
			*p = new(float64)
		}
	}
	return out
}

func cores(list corev1.ResourceList) *float64 {
	q, ok := list[corev1.ResourceCPU]
	if !ok {
		return nil
	}
	return known(nano(q.AsApproximateFloat64()))
}

func bytes(list corev1.ResourceList) *float64 {
	q, ok := list[corev1.ResourceMemory]
	if !ok {
		return nil
	}
	return known(float64(q.Value()))
}

func known(x float64) *float64 { return &x }

// nano rounds to what the API can say, so that sums do not depend on their order.
func nano(x float64) float64 { return math.Round(x*1e9) / 1e9 }

// plus adds what is known: an unknown amount adds nothing.
func (a Amount) plus(b Amount) Amount {
	return Amount{add(a.CPU, b.CPU, nano), add(a.Memory, b.Memory, math.Round)}
}

// both adds amounts of which both have to be there.
func (a Amount) both(b Amount) Amount {
	out := a.plus(b)
	if a.CPU == nil || b.CPU == nil {
		out.CPU = nil
	}
	if a.Memory == nil || b.Memory == nil {
		out.Memory = nil
	}
	return out
}

// times is an amount n times.
func (a Amount) times(n int) Amount {
	return Amount{scale(a.CPU, n, nano), scale(a.Memory, n, math.Round)}
}

// of is the share of a whole; nil where either is unknown or the whole is zero.
func (a Amount) of(whole Amount) Amount {
	return Amount{ratio(a.CPU, whole.CPU), ratio(a.Memory, whole.Memory)}
}

func add(a, b *float64, round func(float64) float64) *float64 {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return known(round(*a + *b))
}

func scale(a *float64, n int, round func(float64) float64) *float64 {
	if a == nil {
		return nil
	}
	return known(round(*a * float64(n)))
}

func ratio(a, whole *float64) *float64 {
	if a == nil || whole == nil || *whole <= 0 {
		return nil
	}
	return known(*a / *whole)
}
