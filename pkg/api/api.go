// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package api holds the suite's own versioned shapes: what -o json and -o yaml
// print, and the files the suite reads. Fields are added, never renamed; null
// means unknown.
package api

import "time"

// Version is the apiVersion of every shape here.
const Version = "kubectl-micro.dev/v1alpha1"

// TypeMeta is the head of every shape.
type TypeMeta struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
}

// Type returns the head of a kind.
func Type(kind string) TypeMeta { return TypeMeta{Version, kind} }

// CanaryStatus is how the traffic of one service is split.
type CanaryStatus struct {
	TypeMeta
	Service   string `json:"service"`
	Namespace string `json:"namespace"`
	// Stable and Canary are null when the routes do not tell which is which.
	Stable *CanaryLeg `json:"stable"`
	Canary *CanaryLeg `json:"canary"`
	// Rule says what decided which leg is the canary.
	Rule string `json:"rule,omitempty"`
	// Session is null when no canary is running.
	Session *CanarySession `json:"session"`
	Routes  []CanaryRoute  `json:"routes"`
	Notes   []string       `json:"notes,omitempty"`
}

// CanaryStatusList is the status of several services.
type CanaryStatusList struct {
	TypeMeta
	Items []CanaryStatus `json:"items"`
}

// CanaryLeg is one of the two versions.
type CanaryLeg struct {
	Name   string `json:"name"`
	Host   string `json:"host"`
	Subset string `json:"subset,omitempty"`
	// Ready and Total count endpoints; null when unknown.
	Ready *int `json:"ready"`
	Total *int `json:"total"`
}

// CanarySession is the running canary.
type CanarySession struct {
	// Weight is the canary's share in percent, as it was asked for.
	Weight string    `json:"weight"`
	Began  time.Time `json:"began"`
	// Since is the time of the last write, Writes their number.
	Since  time.Time `json:"since"`
	Writes int       `json:"writes"`
	By     string    `json:"by,omitempty"`
}

// CanaryRoute is one weighted route.
type CanaryRoute struct {
	// Object is "kind/name".
	Object    string `json:"object"`
	Namespace string `json:"namespace"`
	// Route is its ID within the object: "http[0] primary".
	Route string `json:"route"`
	// Match says which requests it takes; empty for all.
	Match   string         `json:"match,omitempty"`
	Weights []CanaryWeight `json:"weights"`
	// Fixed says why it cannot be split.
	Fixed string `json:"fixed,omitempty"`
}

// CanaryWeight is one leg of a route.
type CanaryWeight struct {
	Leg     string  `json:"leg"`
	Weight  int     `json:"weight"`
	Percent float64 `json:"percent"`
}
