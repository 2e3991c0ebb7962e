// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	admissionv1 "k8s.io/api/admissionregistration/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// AdmissionWebhooks calls visit for each webhook of admission that a Service is behind,
// with the configuration that it is of; a nil port is 443
// (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference).
func AdmissionWebhooks(s *Snapshot, visit func(by ref.Ref, namespace, name string, port *int32)) {
	see := func(by ref.Ref, c admissionv1.WebhookClientConfig) {
		if c.Service != nil {
			visit(by, c.Service.Namespace, c.Service.Name, c.Service.Port)
		}
	}
	for _, c := range ValidatingWebhookConfigurations.In(s, "") {
		for i := range c.Value.Webhooks {
			see(c.Ref, c.Value.Webhooks[i].ClientConfig)
		}
	}
	for _, c := range MutatingWebhookConfigurations.In(s, "") {
		for i := range c.Value.Webhooks {
			see(c.Ref, c.Value.Webhooks[i].ClientConfig)
		}
	}
}
