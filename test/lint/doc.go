// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package lint has kube-score and kubectl-validate, as libraries and unchanged,
// judge what `kubectl micro scaffold` writes.
//
// Linters do not go together with the suite, nor with each other, so there are
// four modules of them. This one has the libraries of Kubernetes 1.30, the last
// that kubectl-validate compiles with; the schemas that it reads are of the release
// in test/sandbox all the same. BuildKit's lint of Dockerfiles is in the module
// dockerfile below, Prometheus, which evaluates rules, in promql, Istio's analysis and
// Pod Security are in test/analyze; they share the packages finding, sample, stream
// and trial.
//
// The tests run bin/kubectl-micro, which `make build` makes, or what MICRO_BIN
// names.
package lint

// The names of the linters.
const (
	KubeScore       = "kube-score"
	KubectlValidate = "kubectl-validate"
)
