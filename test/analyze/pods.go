// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package analyze

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"github.com/kubectl-micro/kubectl-micro/test/lint/finding"
	"github.com/kubectl-micro/kubectl-micro/test/lint/stream"
)

// Pods is the admission of Pod Security at the level restricted, in its latest
// version, for all that has pods or a template of them. The labels of a namespace
// are read too, but do not lower the level: a namespace may have to admit more than
// its services ask for, such as what a mesh puts into their pods.
func Pods() (finding.Linter, error) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return nil, err
	}
	return func(text []byte) ([]finding.Finding, error) {
		documents, err := stream.Split(text)
		if err != nil {
			return nil, err
		}
		var found []finding.Finding
		for _, d := range documents {
			more, err := admit(d, evaluator)
			if err != nil {
				return nil, err
			}
			found = append(found, more...)
		}
		return found, nil
	}, nil
}

func admit(d stream.Document, evaluator policy.Evaluator) ([]finding.Finding, error) {
	object, err := decode(d)
	if err != nil {
		return nil, err
	}
	var found []finding.Finding
	add := func(check, message string) {
		found = append(found, finding.Finding{Linter: PodSecurity, Check: check, Object: d.Object, Message: message})
	}
	if n, is := object.(*corev1.Namespace); is {
		_, errs := api.PolicyToEvaluate(n.Labels, api.Policy{})
		for _, err := range errs {
			add("labels", err.Error())
		}
		return found, nil
	}
	labels, spec := template(object)
	if spec == nil {
		return nil, nil
	}
	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	for _, r := range evaluator.EvaluatePod(restricted, labels, spec) {
		if !r.Allowed {
			add(r.ForbiddenReason, r.ForbiddenDetail)
		}
	}
	return found, nil
}
