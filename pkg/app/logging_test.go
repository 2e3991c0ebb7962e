// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
)

// collectors are the names of what each variant makes.
var collectors = map[string]string{"fluentbit": "fluent-bit", "fluentd": "fluentd", "otel": "otel-collector"}

// logging is the set of a system of one worker, with one of the collectors.
func logging(t *testing.T, variant, namespace string) app.Set {
	t.Helper()
	return generate(t, api.System{
		Metadata: api.SystemMeta{Name: "sys", Namespace: namespace, Email: "team@example.com"}, With: []string{"logging=" + variant},
		Services: map[string]api.SystemService{"a": {Kind: "worker", Image: "a:1" + digest}},
	}, app.Options{})
}

// TestLoggingGolden is all that a variant adds, to the byte.
func TestLoggingGolden(t *testing.T) {
	for variant, name := range collectors {
		set := logging(t, variant, "shop")
		set.Objects = slices.DeleteFunc(set.Objects, func(o map[string]any) bool {
			return at(o, "/metadata/namespace") != "shop-logging" && at(o, "/metadata/name") != "shop-logging" && at(o, "/metadata/name") != "logging-"+name
		})
		golden(t, "logging-"+variant+".yaml", app.YAML(set.Objects...))
	}
}

// TestCollector holds what makes a collector work, and what keeps it from doing
// more: it runs as root, in a namespace of its own, and reads.
func TestCollector(t *testing.T) {
	for variant, name := range collectors {
		t.Run(variant, func(t *testing.T) {
			set := logging(t, variant, "shop")
			namespace := ofKind(set, "Namespace")
			if at(namespace["shop-logging"], "/metadata/labels/pod-security.kubernetes.io~1enforce") != "privileged" || at(namespace["shop"], "/metadata/labels/pod-security.kubernetes.io~1enforce") != "restricted" {
				t.Errorf("namespaces: %v", namespace)
			}
			ds := ofKind(set, "DaemonSet")["shop-logging/"+name]
			const pod = "/spec/template/spec"
			container := at(ds, pod+"/containers/0").(map[string]any)
			if !regexp.MustCompile(`:v?[0-9]+\.[0-9]+\.[0-9]+(-[a-z0-9.-]+)?$`).MatchString(text(container["image"])) {
				t.Errorf("image %v is not of one version", container["image"])
			}
			if diff := cmp.Diff([]any{map[string]any{"effect": "NoSchedule", "key": "node-role.kubernetes.io/control-plane", "operator": "Exists"}}, at(ds, pod+"/tolerations")); diff != "" {
				t.Errorf("tolerations (-want +got):\n%s", diff)
			}
			volumes(t, at(ds, pod+"/volumes").([]any), container["volumeMounts"].([]any))
			want := map[string]any{
				"allowPrivilegeEscalation": false, "capabilities": map[string]any{"drop": []any{"ALL"}}, "privileged": false,
				"readOnlyRootFilesystem": true, "runAsGroup": int64(0), "runAsUser": int64(0),
			}
			if diff := cmp.Diff(want, container["securityContext"]); diff != "" {
				t.Errorf("security context (-want +got):\n%s", diff)
			}
			if at(ds, pod+"/automountServiceAccountToken") != false || at(ds, pod+"/serviceAccountName") != name {
				t.Errorf("account %v", at(ds, pod+"/serviceAccountName"))
			}
			if l, r := patchGet(container["livenessProbe"], "httpGet"), patchGet(container["readinessProbe"], "httpGet"); r == nil || cmp.Equal(l, r) {
				t.Errorf("live %v, ready %v", l, r)
			}
			for note, why := range at(ds, "/metadata/annotations").(map[string]any) {
				if strings.HasPrefix(note, "ignore-check.kube-linter.io/") && len(text(why)) < 20 {
					t.Errorf("%s has no reason: %v", note, why)
				}
			}
			if len(set.Warnings) == 0 || !slices.ContainsFunc(set.Warnings, func(w app.Warning) bool {
				return strings.Contains(w.Text, "standard output of DaemonSet shop-logging/"+name)
			}) {
				t.Errorf("nobody says where the logs go: %v", set.Warnings)
			}
		})
	}
}

// volumes wants every mount to have its volume, which the DaemonSet that one finds
// on the web has not, and what is of the node not to be written, but for one
// directory that is the collector's own.
func volumes(t *testing.T, volumes, mounts []any) {
	t.Helper()
	writable := map[any]bool{}
	for _, m := range mounts {
		one := m.(map[string]any)
		writable[one["name"]] = one["readOnly"] != true
	}
	if len(writable) != len(volumes) {
		t.Errorf("%d volumes, %d mounts", len(volumes), len(writable))
	}
	for _, v := range volumes {
		one := v.(map[string]any)
		w, mounted := writable[one["name"]]
		if !mounted {
			t.Errorf("%v is not mounted", one["name"])
		}
		node, path := one["hostPath"], text(patchGet(one["hostPath"], "path"))
		if own := strings.HasPrefix(path, "/var/lib/shop-logging/"); node != nil && w != own {
			t.Errorf("%s of the node is writable: %t", path, w)
		}
	}
}

// TestCollectorRights lets a collector see the pods of the system, and nothing else.
func TestCollectorRights(t *testing.T) {
	for variant, name := range collectors {
		set := logging(t, variant, "shop")
		if len(ofKind(set, "ClusterRole"))+len(ofKind(set, "ClusterRoleBinding")) > 0 {
			t.Errorf("%s: rights in all namespaces", variant)
		}
		role, binding := ofKind(set, "Role")["shop/logging-"+name], ofKind(set, "RoleBinding")["shop/logging-"+name]
		if diff := cmp.Diff([]any{map[string]any{"apiGroups": []any{""}, "resources": []any{"pods"}, "verbs": []any{"get", "list", "watch"}}}, at(role, "/rules")); diff != "" {
			t.Errorf("%s: rules (-want +got):\n%s", variant, diff)
		}
		if at(binding, "/subjects/0/namespace") != "shop-logging" || at(binding, "/subjects/0/name") != name || at(binding, "/roleRef/name") != "logging-"+name {
			t.Errorf("%s: binding %v", variant, binding)
		}
	}
}

// TestCollectorConfig reads the configuration back: it is of the one namespace,
// goes on where it was, and has somewhere to send to.
func TestCollectorConfig(t *testing.T) {
	for variant, name := range collectors {
		set := logging(t, variant, "shop")
		data := ofKind(set, "ConfigMap")["shop-logging/"+name]["data"].(map[string]any)
		all := ""
		for file, content := range data {
			all += text(content)
			if strings.HasSuffix(file, ".yaml") {
				parsed := map[string]any{}
				if err := yaml.UnmarshalStrict([]byte(text(content)), &parsed); err != nil || len(parsed) == 0 {
					t.Errorf("%s: %s: %v", variant, file, err)
				}
			}
		}
		if strings.Contains(all, "NAMESPACE") || !strings.Contains(all, "_shop_*.log") && !strings.Contains(all, "/shop_*/*/*.log") || !strings.Contains(all, "/positions") {
			t.Errorf("%s: %s", variant, all)
		}
		const stamp = "/spec/template/metadata/annotations/kubectl-micro.dev~1config"
		mine, other := ofKind(set, "DaemonSet")["shop-logging/"+name], ofKind(logging(t, variant, "bazaar"), "DaemonSet")["bazaar-logging/"+name]
		if text(at(mine, stamp)) == "" || at(mine, stamp) == at(other, stamp) {
			t.Errorf("%s: another configuration would not reach the pods: %v", variant, at(mine, stamp))
		}
	}
	fluentd := ofKind(logging(t, "fluentd", "shop"), "ConfigMap")["shop-logging/fluentd"]["data"].(map[string]any)
	sections(t, text(fluentd["fluent.conf"])+text(fluentd["output.conf"]))
	bit := map[string]any{}
	data := ofKind(logging(t, "fluentbit", "shop"), "ConfigMap")["shop-logging/fluent-bit"]["data"].(map[string]any)
	if err := yaml.Unmarshal([]byte(text(data["fluent-bit.yaml"])), &bit); err != nil {
		t.Fatal(err)
	}
	for _, include := range bit["includes"].([]any) {
		if !slices.Contains(slices.Collect(maps.Keys(data)), text(include)) {
			t.Errorf("%v is included, and not there", include)
		}
	}
}

// sections wants those of Fluentd to be closed in the order they were opened.
func sections(t *testing.T, config string) {
	t.Helper()
	var open []string
	for line := range strings.Lines(config) {
		m := regexp.MustCompile(`^\s*<(/?)(\w+)`).FindStringSubmatch(line)
		switch {
		case m == nil:
		case m[1] == "":
			open = append(open, m[2])
		case len(open) == 0 || open[len(open)-1] != m[2]:
			t.Errorf("%s closes %v", strings.TrimSpace(line), open)
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%v are not closed", open)
	}
}
