// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package api

import "time"

// StatList are the golden signals of services, workloads, versions, pods,
// namespaces or callers, sorted by namespace and name unless asked otherwise.
type StatList struct {
	TypeMeta
	Measured
	// By is what an item is: service, workload, version, pod, namespace or caller.
	By    string `json:"by"`
	Items []Stat `json:"items"`
}

// Measured says where numbers come from.
type Measured struct {
	// Source is for people: "prometheus monitoring/prometheus-k8s:web".
	Source string    `json:"source"`
	At     time.Time `json:"at"`
	// Window is what rates are taken over, in seconds.
	Window float64 `json:"window"`
}

// Stat is one row.
type Stat struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Version   string `json:"version,omitempty"`
	// Workload is that of a pod.
	Workload string `json:"workload,omitempty"`
	// View is "client" or "server": whose experience it is.
	View string `json:"view"`
	Signals
}

// Signals are golden signals. Shares are 0 to 1, times are seconds; null is what
// nobody measured, which is neither 0 nor good.
type Signals struct {
	// Reporters are who measured: source, destination, waypoint, application.
	Reporters []string `json:"reporters"`
	// Requests is about how many were counted in the window, RPS how many a second.
	Requests *float64 `json:"requests"`
	RPS      *float64 `json:"rps"`
	Success  *float64 `json:"success"`
	// ClientErrors is the share of 4xx, which are no failures.
	ClientErrors *float64 `json:"clientErrors"`
	// NoResponse is the share that nobody answered, a part of the failures.
	NoResponse *float64 `json:"noResponse"`
	Quantiles
	// Buckets are asked for; their last bound is null, which is +Inf.
	Buckets []StatBucket `json:"buckets,omitempty"`
	// Sent and Received are bytes a second of TCP connections, as the client sees them.
	Sent     *float64 `json:"sent"`
	Received *float64 `json:"received"`
	// Flag is the response flag of the most frequent failure.
	Flag string `json:"flag,omitempty"`
	// Why is the one short cause.
	Why string `json:"why"`
}

// Quantiles are of the time that requests took, in seconds. The bound stands for a
// value that is beyond the last bucket, ">3600s"; the bucket is what holds the true
// value, null at its end for +Inf.
type Quantiles struct {
	P50       *float64   `json:"p50"`
	P95       *float64   `json:"p95"`
	P99       *float64   `json:"p99"`
	P50Bound  string     `json:"p50Bound,omitempty"`
	P95Bound  string     `json:"p95Bound,omitempty"`
	P99Bound  string     `json:"p99Bound,omitempty"`
	P50Bucket []*float64 `json:"p50Bucket"`
	P95Bucket []*float64 `json:"p95Bucket"`
	P99Bucket []*float64 `json:"p99Bucket"`
}

// StatBucket is one of a cumulative histogram: about so many requests took at most
// LE seconds.
type StatBucket struct {
	LE    *float64 `json:"le"`
	Count float64  `json:"count"`
}

// EdgeList is who calls whom.
type EdgeList struct {
	TypeMeta
	Measured
	View  string     `json:"view"`
	Nodes []EdgeNode `json:"nodes"`
	Edges []Edge     `json:"edges"`
}

// EdgeNode is a service, or a caller that no service stands for.
type EdgeNode struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

// Edge is the traffic from one node to another.
type Edge struct {
	From EdgeNode `json:"from"`
	To   EdgeNode `json:"to"`
	Signals
}

// GateReport is what a gate says: every criterion with all it was decided by.
type GateReport struct {
	TypeMeta
	Measured
	Target string `json:"target"`
	View   string `json:"view"`
	// Verdict is "pass", "fail" or "inconclusive": the worst of the results.
	Verdict string `json:"verdict"`
	// Passes is how many times in a row it passed, Needed how many were asked for.
	Passes  int          `json:"passes"`
	Needed  int          `json:"needed"`
	Results []GateResult `json:"results"`
}

// GateResult is one criterion.
type GateResult struct {
	Metric  string `json:"metric"`
	Verdict string `json:"verdict"`
	// Value is null where nothing is known but Bound, if that.
	Value *float64 `json:"value"`
	Bound string   `json:"bound,omitempty"`
	// Requests is about how many it is made of; of the smaller arm where there are two.
	Requests  *float64 `json:"requests"`
	Window    float64  `json:"window"`
	View      string   `json:"view"`
	Threshold string   `json:"threshold"`
	// Interval is what the true value is in: 95 % of a share, the bucket of a quantile.
	Interval *GateInterval `json:"interval"`
	// P is the p-value of a comparison.
	P      *float64 `json:"p,omitempty"`
	Reason string   `json:"reason"`
}

// GateInterval is a range, both ends in it; null at an end is unbounded.
type GateInterval struct {
	Low  *float64 `json:"low"`
	High *float64 `json:"high"`
}

// CompareReport is two arms and whether the second is worse.
type CompareReport struct {
	TypeMeta
	Source    string     `json:"source"`
	Service   string     `json:"service"`
	Namespace string     `json:"namespace"`
	View      string     `json:"view"`
	Verdict   string     `json:"verdict"`
	Baseline  CompareArm `json:"baseline"`
	Candidate CompareArm `json:"candidate"`
	// Results are of the candidate against the baseline; a value of "success" is by
	// how much the share of failures rose, one of a quantile the ratio.
	Results []GateResult `json:"results"`
}

// CompareArm is one side.
type CompareArm struct {
	Name   string    `json:"name"`
	At     time.Time `json:"at"`
	Window float64   `json:"window"`
	Signals
}
