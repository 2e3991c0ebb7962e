// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package api

import "time"

// UsageList is what pods or workloads use. CPU is in cores, memory in bytes,
// ratios are of 1; null is unknown, but for limits, where it is "no limit".
type UsageList struct {
	TypeMeta
	// At is when it was looked at, or when the snapshot was saved.
	At time.Time `json:"at"`
	// Measured is false where nothing is known of usage.
	Measured bool     `json:"measured"`
	Items    []Usage  `json:"items"`
	Notes    []string `json:"notes,omitempty"`
}

// Usage is that of a pod, a workload or the template of one.
type Usage struct {
	Object ObjectRef `json:"object"`
	// Workload is what a pod belongs to; null for workloads.
	Workload *ObjectRef `json:"workload"`
	// Node is where a pod runs.
	Node string `json:"node,omitempty"`
	// Template is true where nothing runs, and a template stands in for pods.
	Template bool `json:"template,omitempty"`
	// Pods is how many pods this is: 1 for a pod, the replicas for a template, of
	// which the amounts are those of one. MeasuredPods is how many of them have a
	// known usage.
	Pods         int           `json:"pods"`
	MeasuredPods int           `json:"measuredPods"`
	CPU          UsageResource `json:"cpu"`
	Memory       UsageResource `json:"memory"`
	// Restarts is null for templates, of which nothing runs.
	Restarts *int32 `json:"restarts"`
	// OOM is null where no container is known to have run out of memory.
	OOM *UsageOOM `json:"oom"`
	// Throttled is the share of periods in which CPU was held back.
	Throttled  *float64         `json:"throttled"`
	Risks      []UsageRisk      `json:"risks"`
	Containers []ContainerUsage `json:"containers,omitempty"`
}

// UsageResource is one resource.
type UsageResource struct {
	Used *float64 `json:"used"`
	// Requests are zero where nothing is asked for.
	Requests *float64 `json:"requests"`
	// Limits is null where there is no limit.
	Limits         *float64 `json:"limits"`
	UsedOfRequests *float64 `json:"usedOfRequests"`
	UsedOfLimits   *float64 `json:"usedOfLimits"`
}

// UsageOOM says that containers were killed for want of memory.
type UsageOOM struct {
	// Containers is how many last ended so.
	Containers int `json:"containers"`
	// Last is null where the time is unknown.
	Last *time.Time `json:"last"`
}

// UsageRisk is one reason to look at something.
type UsageRisk struct {
	Code      string `json:"code"`
	Container string `json:"container,omitempty"`
	Message   string `json:"message"`
}

// ContainerUsage is one container of a pod. Type is "container", "sidecar" or "init".
type ContainerUsage struct {
	Name      string          `json:"name"`
	Type      string          `json:"type"`
	CPU       UsageResource   `json:"cpu"`
	Memory    UsageResource   `json:"memory"`
	Restarts  *int32          `json:"restarts"`
	Last      *ContainerEnded `json:"lastTermination"`
	Throttled *float64        `json:"throttled"`
}

// ContainerEnded is how a container last ended.
type ContainerEnded struct {
	Reason   string `json:"reason"`
	ExitCode int32  `json:"exitCode"`
	// At is null where the time is unknown.
	At *time.Time `json:"at"`
}

// NodeUsageList is what nodes use.
type NodeUsageList struct {
	TypeMeta
	At       time.Time   `json:"at"`
	Measured bool        `json:"measured"`
	Items    []NodeUsage `json:"items"`
	Notes    []string    `json:"notes,omitempty"`
}

// NodeUsage is one node.
type NodeUsage struct {
	Name string `json:"name"`
	// Ready is null where nothing is heard from the node.
	Ready         *bool    `json:"ready"`
	Unschedulable bool     `json:"unschedulable"`
	Pressure      []string `json:"pressure"`
	// Pods is null where not all pods could be read, as are requests and limits.
	Pods    *int         `json:"pods"`
	MaxPods *int         `json:"maxPods"`
	CPU     NodeResource `json:"cpu"`
	Memory  NodeResource `json:"memory"`
	Risks   []UsageRisk  `json:"risks"`
}

// NodeResource is one resource of a node.
type NodeResource struct {
	Allocatable           *float64 `json:"allocatable"`
	Used                  *float64 `json:"used"`
	Requests              *float64 `json:"requests"`
	Limits                *float64 `json:"limits"`
	UsedOfAllocatable     *float64 `json:"usedOfAllocatable"`
	RequestsOfAllocatable *float64 `json:"requestsOfAllocatable"`
	LimitsOfAllocatable   *float64 `json:"limitsOfAllocatable"`
}
