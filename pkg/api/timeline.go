// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package api

import "time"

// Timeline is what happened to some objects, the oldest first.
type Timeline struct {
	TypeMeta
	// Now is the time that the timeline is seen from.
	Now   time.Time       `json:"now"`
	Items []TimelineEntry `json:"items"`
	// Unknowns say what could not be read.
	Unknowns []string `json:"unknowns"`
}

// TimelineEntry is something that happened, once or again and again.
type TimelineEntry struct {
	// Kind is "event", "rollout" or "scaling".
	Kind string `json:"kind"`
	// First and Last are when it happened for the first and for the last time;
	// null when unknown.
	First *time.Time `json:"first"`
	Last  *time.Time `json:"last"`
	// Count is how often.
	Count int `json:"count"`
	// Type is "Normal" or "Warning".
	Type   string    `json:"type"`
	Reason string    `json:"reason"`
	Object ObjectRef `json:"object"`
	// Container is the one of a pod that it happened to, if it happened to one.
	Container string `json:"container,omitempty"`
	Source    string `json:"source,omitempty"`
	Message   string `json:"message"`
}
