// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package analyze has Istio's own analysis, that of `istioctl analyze`, and the
// admission of Pod Security judge what `kubectl micro scaffold` writes.
//
// It is a module of its own, apart from test/lint: Istio needs newer libraries of
// Kubernetes than the linters there can bear. They are those of test/sandbox, so
// what was compiled for that is not compiled again.
package analyze

// The names of the linters.
const (
	Istioctl    = "istioctl"
	PodSecurity = "pod-security"
)
