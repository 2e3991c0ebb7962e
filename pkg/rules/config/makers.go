// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// clusterMade are the ConfigMaps that controllers put into every namespace, so
// that no file holds them: Kubernetes', OpenShift's and Istio's root certificates.
var clusterMade = []string{"kube-root-ca.crt", "openshift-service-ca.crt", "istio-ca-root-cert"}

// given reports whether the cluster brings a source along.
func given(w *rules.World, s source) bool {
	return w.Offline && s.kind == model.ConfigMaps.Kind && slices.Contains(clusterMade, s.name)
}

// maker is a kind of objects that a controller makes Secrets from. Where its
// name is not in a field, the Secret has the name of the object.
type maker struct {
	ref.GroupKind
	field []string
}

var makers = []maker{
	{ref.GroupKind{Group: "cert-manager.io", Kind: "Certificate"}, []string{"spec", "secretName"}},
	{ref.GroupKind{Group: "external-secrets.io", Kind: "ExternalSecret"}, []string{"spec", "target", "name"}},
	{ref.GroupKind{Group: "bitnami.com", Kind: "SealedSecret"}, []string{"spec", "template", "metadata", "name"}},
}

// granted reports whether a role of the files lets programs create Secrets in a
// namespace: installers and controllers keep what nobody else may know in them.
func granted(w *rules.World, namespace string) bool {
	return slices.ContainsFunc(w.Objects(), func(o *model.Object) bool {
		if o.Live() || o.Ref.Group != model.Roles.Group {
			return false
		}
		var of []rbacv1.PolicyRule
		if r, ok := model.Roles.Of(o); ok && r.Ref.Namespace == namespace {
			of = r.Value.Rules
		} else if r, ok := model.ClusterRoles.Of(o); ok {
			of = r.Value.Rules
		}
		return slices.ContainsFunc(of, func(r rbacv1.PolicyRule) bool {
			return slices.Contains(r.Resources, "secrets") && (slices.Contains(r.Verbs, "create") || slices.Contains(r.Verbs, rbacv1.VerbAll))
		})
	})
}

// madeElsewhere are the Secrets that will be made from other objects of files.
// It looks at objects of any kind, since the suite knows none of these.
func madeElsewhere(w *rules.World) map[ref.Ref]bool {
	out := map[ref.Ref]bool{}
	for _, o := range w.Objects() {
		if o.Live() {
			continue // what is live has made its Secret by now, or failed to
		}
		for _, m := range makers {
			if o.Ref.GroupKind() != m.GroupKind {
				continue
			}
			name, _, _ := unstructured.NestedString(o.Raw(), m.field...)
			if name == "" {
				name = o.Ref.Name
			}
			out[model.Secrets.Ref(o.Ref.Namespace, name)] = true
		}
	}
	return out
}
