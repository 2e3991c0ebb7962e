// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package observe

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// Rights are what somebody needs to see metrics.
type Rights struct {
	// Namespace is that of the services; Subject who gets the rights, "user:NAME",
	// "group:NAME" or "sa:NAMESPACE/NAME"; empty for a Role without a RoleBinding.
	Namespace, Subject string
	// Prometheus is "NAMESPACE/NAME:PORT" of its Service.
	Prometheus string
}

// RightsTo makes the smallest Roles: to ask one Prometheus through the API server, and
// to ask the proxies of the pods where there is none. Nobody has either by the Role
// "view", and "edit" has far more.
func RightsTo(r Rights) ([]Draft, error) {
	subject, err := subjectOf(r.Subject)
	if err != nil {
		return nil, err
	}
	if strings.Contains(r.Prometheus, "://") {
		return nil, fault.Usagef("--prometheus %s is asked directly, which takes no right in the cluster: expected its Service", r.Prometheus).Try("--prometheus monitoring/prometheus-k8s:web")
	}
	namespace, service, found := strings.Cut(strings.TrimPrefix(r.Prometheus, "svc:"), "/")
	name, port, numbered := strings.Cut(service, ":")
	words := append(validation.IsDNS1123Label(namespace), validation.IsDNS1035Label(name)...)
	if !found || !numbered || port == "" || strings.Contains(port, "/") || len(words) > 0 {
		return nil, fault.Usagef("expected the Service of a Prometheus with its namespace and port, found %q", r.Prometheus).Try("--prometheus monitoring/prometheus-k8s:web")
	}
	// The name of a proxied Service has the port in it, and the scheme where that is TLS.
	names := []any{name + ":" + port, "https:" + name + ":" + port}
	out := role(namespace, "kubectl-micro-prometheus", "to ask Prometheus "+r.Prometheus+" through the API server, by GET alone", subject,
		rule("services/proxy", names, "get"))
	// A port-forward is a POST, or the GET of a WebSocket (kubernetes/enhancements#4006).
	return append(out, role(r.Namespace, "kubectl-micro-sidecars", "to ask the proxies of pods (--source envoy)", subject,
		rule("pods", nil, "get", "list"), rule("pods/portforward", nil, "create", "get"))...), nil
}

// PrometheusOf is the Service that the operator makes for the only Prometheus of a
// Snapshot, as Rights take it.
func PrometheusOf(s *model.Snapshot) (string, error) {
	var names []string
	for _, p := range model.Prometheuses.In(s, "") {
		names = append(names, p.Ref.Namespace+"/prometheus-operated:web")
	}
	slices.Sort(names)
	names = slices.Compact(names)
	switch len(names) {
	case 0:
		return "", fault.Usagef("expected a Prometheus of the operator, found none in sight").Try("--prometheus NAMESPACE/NAME:PORT")
	case 1:
		return names[0], nil
	}
	return "", fault.Usagef("expected one Prometheus, found several: %s", strings.Join(names, ", ")).Try("--prometheus %s", names[0])
}

func rule(resource string, names []any, verbs ...string) map[string]any {
	out := map[string]any{"apiGroups": []any{""}, "resources": []any{resource}}
	if names != nil {
		out["resourceNames"] = names
	}
	var all []any
	for _, v := range verbs {
		all = append(all, v)
	}
	out["verbs"] = all
	return out
}

// role is a Role and, for somebody, its RoleBinding.
func role(namespace, name, why string, subject map[string]any, rules ...any) []Draft {
	const group = "rbac.authorization.k8s.io"
	meta := func() map[string]any {
		return map[string]any{"name": name, "namespace": namespace, "labels": map[string]any{"app.kubernetes.io/managed-by": "kubectl-micro"}}
	}
	out := []Draft{{Comments: []string{why}, Object: map[string]any{"apiVersion": group + "/v1", "kind": "Role", "metadata": meta(), "rules": rules}}}
	if subject == nil {
		return out
	}
	return append(out, Draft{Object: map[string]any{
		"apiVersion": group + "/v1", "kind": "RoleBinding", "metadata": meta(),
		"roleRef": map[string]any{"apiGroup": group, "kind": "Role", "name": name}, "subjects": []any{subject},
	}})
}

func subjectOf(text string) (map[string]any, error) {
	kind, name, _ := strings.Cut(text, ":")
	namespace, account, both := strings.Cut(name, "/")
	switch {
	case text == "":
		return nil, nil
	case kind == "user" && name != "":
		return map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name}, nil
	case kind == "group" && name != "":
		return map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": name}, nil
	case kind == "sa" && both && namespace != "" && account != "":
		return map[string]any{"kind": "ServiceAccount", "namespace": namespace, "name": account}, nil
	}
	return nil, fault.Usagef("expected user:NAME, group:NAME or sa:NAMESPACE/NAME, found %q", text).Try("--to user:jane@example.com")
}
