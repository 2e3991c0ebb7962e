// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package api

// KindServiceIntents is the kind of ServiceIntents.
const KindServiceIntents = "ServiceIntents"

// ServiceIntents says who is meant to call a workload and what the workload is
// meant to call. It is a plain file: no cluster holds objects of it.
type ServiceIntents struct {
	TypeMeta `json:",inline"`
	Metadata IntentsMeta        `json:"metadata"`
	Spec     ServiceIntentsSpec `json:"spec"`

	// File is the name of the file, as it is shown to people.
	File string `json:"-"`
	// Places are where the values stand ("file:line:column"), by the JSON Pointers
	// of mappings, of the items of lists and of all that is in them.
	Places map[string]string `json:"-"`
}

// IntentsMeta names the intents. Namespace is that of the workload; where a file
// names none, it is the one the file is read for.
type IntentsMeta struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace,omitempty"`
}

// ServiceIntentsSpec is about one workload. A list that is left out says
// nothing: that direction stays as open as it is. An empty list says "nobody".
type ServiceIntentsSpec struct {
	// Workload is "deploy/NAME", "sts/NAME" and so on.
	Workload string `json:"workload"`
	// Callers are all who may call the workload.
	Callers []Caller `json:"callers,omitzero"`
	// Calls are all that the workload may call, besides what its pods cannot do
	// without: DNS, the control plane of the mesh, the API server for accounts
	// with rights.
	Calls []Call `json:"calls,omitzero"`
	// Deny names who calls today and is not to call any longer, so that losing it
	// is no surprise. It is written as callers are.
	Deny []string `json:"deny,omitempty"`
}

// Caller is who may call, and what.
type Caller struct {
	// From is "deploy/NAME", "NAMESPACE/deploy/NAME", "sa/NAMESPACE/NAME",
	// "gateway/NAMESPACE/NAME", "prometheus", "kubelet" or "internet".
	From string `json:"from"`
	// Ports are ports of the pods (no Service ports); empty for all that a Service
	// leads to, or that the containers declare where there is no Service.
	Ports []int32 `json:"ports,omitempty"`
	// HTTP are the requests that are let in, one of them is enough; empty for all.
	HTTP []HTTPRequests `json:"http,omitempty"`
	// User is whose token a request must bring; nil for none.
	User *User `json:"user,omitempty"`
}

// HTTPRequests are requests by method and path. Empty lists mean all.
type HTTPRequests struct {
	Methods []string `json:"methods,omitempty"`
	// Paths are exact, end or begin with "*" (a prefix, a suffix), or hold the
	// templates "{*}" for one segment and "{**}" for any number of them.
	Paths []string `json:"paths,omitempty"`
}

// User is what a JSON Web Token must say.
type User struct {
	Issuer string `json:"issuer"`
	// Subject is empty for any subject of the issuer.
	Subject string `json:"subject,omitempty"`
	// Claims are values by claim; one value of each is enough. A claim in a claim is
	// written in brackets, as Istio does: "[realm_access][roles]".
	Claims map[string][]string `json:"claims,omitempty"`
}

// Call is what the workload may call.
type Call struct {
	// To is "svc/NAME[:PORT]", "NAMESPACE/svc/NAME[:PORT]" or
	// "external/HOST:PORT". The port of a Service is its number or its name.
	To string `json:"to"`
}
