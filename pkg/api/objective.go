// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package api

// KindObjective is the kind of Objective.
const KindObjective = "Objective"

// Objective is what a service promises: which share of its requests goes well, or
// is answered fast enough, over a period. It is a plain file: no cluster holds
// objects of it.
type Objective struct {
	TypeMeta `json:",inline"`
	Metadata ObjectiveMeta `json:"metadata"`
	Spec     ObjectiveSpec `json:"spec"`
}

// ObjectiveMeta names the objective. Namespace is that of the service; where a file
// names none, it is the one the file is read for.
type ObjectiveMeta struct {
	Name      string `json:"name,omitempty"`
	Namespace string `json:"namespace,omitempty"`
	// Labels are put on alerts and on the object with the rules.
	Labels map[string]string `json:"labels,omitempty"`
}

// ObjectiveSpec is the promise.
type ObjectiveSpec struct {
	// Service is the name of the Service.
	Service string `json:"service"`
	// Target is the share that is promised: 99.9, "99.9%" and 0.999 are the same.
	Target any `json:"target"`
	// Period is the time the promise is about, in days or weeks; 30d if empty.
	Period string `json:"period,omitempty"`
	// Latency makes it a promise about time: that share of the requests takes at most
	// so long ("500ms"). It has to be a bound of the histogram's buckets.
	Latency string `json:"latency,omitempty"`
	// Profile says how requests are counted: istio, http, grpc, spring or otel; istio
	// if empty.
	Profile string `json:"profile,omitempty"`
	// Metric is the counter of requests where the profile knows several.
	Metric string `json:"metric,omitempty"`
	// View is whose experience counts in a mesh: client or server; client if empty.
	View string `json:"view,omitempty"`
	// GRPCErrors are the statuses that are failures: server, all or a list; server if
	// empty.
	GRPCErrors string `json:"grpcErrors,omitempty"`
	// Selector are the labels by which the series of the service are found, instead of
	// those that the profile has; not with istio.
	Selector map[string]string `json:"selector,omitempty"`
	// Buckets are the upper bounds of the histogram in seconds, as text, where they are
	// not those that the profile has by default.
	Buckets []string `json:"buckets,omitempty"`
	// MinimumEvents is how many requests must have gone wrong in the long window for an
	// alert; 10 if nil.
	MinimumEvents *int32 `json:"minimumEvents,omitempty"`
	// LowTraffic is how many must have gone wrong in six hours for the alert of services
	// that are hardly called; 3 if nil, 0 leaves it out.
	LowTraffic *int32 `json:"lowTraffic,omitempty"`
	// Quiet says that hours without a request are nothing to tell of.
	Quiet bool `json:"quiet,omitempty"`
	// Runbook is where to read what to do.
	Runbook string `json:"runbook,omitempty"`
}
