// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package world

// strict is the PeerAuthentication of a namespace: mutual TLS or nothing.
func strict(namespace, prefix string) Object {
	return Object{"/apis/security.istio.io/v1/namespaces/" + namespace + "/peerauthentications", object{
		"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
		"metadata": object{"name": "default", "namespace": namespace, "labels": object{Label: prefix}},
		"spec":     object{"mtls": object{"mode": "STRICT"}},
	}}
}

// policies let the pods of a namespace call a service of it, and nobody else.
func policies(namespace, name string, meta object) []Object {
	return []Object{{"/apis/security.istio.io/v1/namespaces/" + namespace + "/authorizationpolicies", object{
		"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": meta,
		"spec": object{
			"selector": object{"matchLabels": object{"app": name}},
			"rules": []any{object{"from": []any{object{"source": object{
				"principals": []any{"cluster.local/ns/" + namespace + "/sa/default"},
			}}}}},
		},
	}}, {"/apis/networking.k8s.io/v1/namespaces/" + namespace + "/networkpolicies", object{
		"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta,
		"spec": object{
			"podSelector": object{"matchLabels": object{"app": name}},
			"policyTypes": []any{"Ingress"},
			"ingress":     []any{object{"from": []any{object{"podSelector": object{}}}}},
		},
	}}}
}
