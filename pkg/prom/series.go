// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom

import (
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// Series is the values of one series over time.
type Series struct {
	Labels signals.Labels
	Points []Point
	// Native says that it has native histograms, which are not read.
	Native bool
}

// Point is a value at an instant. It may be NaN or infinite.
type Point struct {
	At    time.Time
	Value float64
}
