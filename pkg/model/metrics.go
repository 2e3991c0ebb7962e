// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"
)

// MetricsAPI is the group of the resource metrics API (https://github.com/kubernetes/metrics),
// which an API server behind the cluster's own serves: clusters without metrics-server,
// or something in its place, do not have it.
const MetricsAPI = "metrics.k8s.io"

// What pods and nodes use. Their plurals are "pods" and "nodes", as those of the
// core group. Both versions have one schema, and are sent as protobuf.
var (
	PodMetrics  = builtIn[metricsv1.PodMetrics, metricsv1.PodMetricsList](MetricsAPI, "PodMetrics", "pods", true, "v1", "v1beta1")
	NodeMetrics = builtIn[metricsv1.NodeMetrics, metricsv1.NodeMetricsList](MetricsAPI, "NodeMetrics", "nodes", false, "v1", "v1beta1")
)
