// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package api

import "time"

// QueryList is the answer of a Prometheus to an expression.
type QueryList struct {
	TypeMeta
	// Source is for people: "prometheus monitoring/prometheus-k8s:web".
	Source string `json:"source"`
	// Query is the expression.
	Query string `json:"query"`
	// Items are in the order of their labels, or in that of the expression if it
	// sorts.
	Items []QuerySeries `json:"items"`
}

// QuerySeries is one series.
type QuerySeries struct {
	Labels map[string]string `json:"labels"`
	Points []QueryPoint      `json:"points"`
}

// QueryPoint is a value at an instant; null is what is no finite number.
type QueryPoint struct {
	At    time.Time `json:"at"`
	Value *float64  `json:"value"`
}
