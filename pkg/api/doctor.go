// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package api

// DoctorReport is what `monitor doctor` found: a chain for each service.
type DoctorReport struct {
	TypeMeta
	// Source is "cluster", "files", "snapshot" or "overlay".
	Source string `json:"source"`
	// Namespace is empty for all.
	Namespace string `json:"namespace,omitempty"`
	// Prometheus is the one that was asked; empty for none.
	Prometheus string        `json:"prometheus,omitempty"`
	Chains     []DoctorChain `json:"chains"`
}

// DoctorChain is the way of a service's metrics, from the pod to the series.
type DoctorChain struct {
	Subject ObjectRef `json:"subject"`
	// Verdict is "whole", "broken", "unknown" or "unmonitored": nobody asks for them.
	Verdict string `json:"verdict"`
	// Cause is the name of the first link that is broken, else of the first that is
	// unknown; null if there is none.
	Cause *string      `json:"cause"`
	Links []DoctorLink `json:"links"`
	Fixes []DoctorFix  `json:"fixes,omitempty"`
}

// DoctorLink is one link.
type DoctorLink struct {
	Name string `json:"name"`
	// State is "ok", "warning", "broken", "unknown" or "not checked".
	State  string `json:"state"`
	Detail string `json:"detail"`
	Hint   string `json:"hint,omitempty"`
	// Rules are the IDs of the rules whose findings it rests on.
	Rules []string `json:"rules,omitempty"`
}

// DoctorFix is all that is to be done to one object.
type DoctorFix struct {
	Object ObjectRef `json:"object"`
	Title  string    `json:"title"`
	// Risk is "safe", "review" or "disruptive".
	Risk string `json:"risk"`
	// Manifest is the object as it should be: whole from files, else the part for
	// kubectl apply --server-side.
	Manifest map[string]any `json:"manifest"`
}
