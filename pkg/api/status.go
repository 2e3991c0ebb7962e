// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package api

// StatusList is all that is known of the workloads of a namespace, sorted by
// namespace and name.
type StatusList struct {
	TypeMeta
	Measured
	View  string   `json:"view"`
	Items []Status `json:"items"`
	// Notes say what could not be known.
	Notes []string `json:"notes,omitempty"`
}

// Status is one workload, or a service whose requests reached none.
type Status struct {
	Namespace string `json:"namespace"`
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	// NoUpstream says that these are only the requests to a Service that reached none
	// of its workloads.
	NoUpstream bool `json:"noUpstream,omitempty"`
	// Ready and Wanted count pods.
	Ready  *int32 `json:"ready"`
	Wanted *int32 `json:"wanted"`
	// Signals say why as far as traffic alone tells; Why is the one short cause.
	Signals Signals `json:"signals"`
	// Trend are requests a second in the past, the latest last; null is unknown.
	Trend []*float64 `json:"trend,omitempty"`
	// CPU is in cores, Memory in bytes, of all pods together.
	CPU    StatusUse `json:"cpu"`
	Memory StatusUse `json:"memory"`
	// Throttled is the share of periods in which more CPU was wanted than the limit.
	Throttled *float64 `json:"throttled"`
	Restarts  *int32   `json:"restarts"`
	// Autoscaler is null where nothing scales it.
	Autoscaler *StatusAutoscaler `json:"autoscaler"`
	Why        string            `json:"why"`
}

// StatusUse is what is used against what was asked for and what is allowed.
type StatusUse struct {
	Used     *float64 `json:"used"`
	Requests *float64 `json:"requests"`
	Limits   *float64 `json:"limits"`
}

// StatusAutoscaler is what an autoscaler says.
type StatusAutoscaler struct {
	Current *int32 `json:"current"`
	Min     int32  `json:"min"`
	Max     int32  `json:"max"`
	// Limited says that it wants more than Max.
	Limited bool `json:"limited"`
}
