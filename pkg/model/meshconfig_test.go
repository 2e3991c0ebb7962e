// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

func meshMap(name, config string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + ", namespace: istio-system}\ndata:\n  mesh: |\n    " +
		strings.ReplaceAll(config, "\n", "\n    ") + "\n---\n"
}

func TestMeshConfig(t *testing.T) {
	defaults := model.MeshConfig{
		TrustDomain: "cluster.local", RootNamespace: "istio-system", PathNormalization: model.NormalizeBase, Outbound: "ALLOW_ANY", AutoMTLS: true,
	}
	full := model.MeshConfig{
		TrustDomain: "td", Aliases: []string{"old"}, RootNamespace: "root", PathNormalization: model.NormalizeMerge, Outbound: "REGISTRY_ONLY",
		Providers: []string{"opa", "oauth"}, MinTLS: "TLSV1_3",
	}
	config := "trustDomain: td\ntrustDomainAliases: [old]\nrootNamespace: root\npathNormalization: {normalization: MERGE_SLASHES}\noutboundTrafficPolicy: {mode: REGISTRY_ONLY}\n" +
		"enableAutoMtls: false\nextensionProviders:\n- name: opa\n  envoyExtAuthzGrpc: {}\n- name: oauth\nmeshMTLS: {minProtocolVersion: TLSV1_3}"
	for name, c := range map[string]struct {
		yaml, revision string
		want           model.MeshConfig
		unknown        string
	}{
		"all":                {meshMap("istio", config), "", full, ""},
		"default revision":   {meshMap("istio", config), "default", full, ""},
		"empty":              {meshMap("istio", "{}"), "", defaults, ""},
		"DEFAULT":            {meshMap("istio", "pathNormalization: {normalization: DEFAULT}"), "", defaults, ""},
		"not there":          {"", "", defaults, "ConfigMap istio-system/istio does not exist"},
		"a revision":         {meshMap("istio", "{}") + meshMap("istio-1-27", config), "1-27", full, ""},
		"the only revision":  {meshMap("istio-1-27", config), "", full, ""},
		"one of two":         {meshMap("istio-a", config) + meshMap("istio-b", config), "", defaults, "does not exist"},
		"not YAML":           {meshMap("istio", "trustDomain: [a"), "", defaults, "is not valid YAML"},
		"another type":       {meshMap("istio", "trustDomain: [a]"), "", defaults, "is not valid YAML"},
		"another ConfigMap":  {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata: {a: b}\n", "", defaults, "has no key mesh"},
		"another revision's": {meshMap("istio", config), "x", defaults, "ConfigMap istio-system/istio-x does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			got := modeltest.Live(t, c.yaml).RevisionConfig(c.revision)
			if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(model.MeshConfig{}, "From", "Unknown")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if (c.unknown == "") != (got.Unknown == "") || !strings.Contains(got.Unknown, c.unknown) || (got.From == nil) != (c.unknown != "") {
				t.Errorf("expected unknown %q, found %q, from %v", c.unknown, got.Unknown, got.From)
			}
		})
	}
	if diff := cmp.Diff([]string{"td", "old", "cluster.local"}, full.TrustDomains()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestMeshConfigGap(t *testing.T) {
	b := model.NewBuilder(model.Options{})
	b.Unknown(model.Gap{Kind: model.ConfigMaps.GroupKind, Reason: "cannot list configmaps: forbidden"})
	s, _ := b.Build()
	if got := s.MeshConfig(); got.Unknown != "cannot list configmaps: forbidden" || !got.AutoMTLS {
		t.Errorf("expected the defaults and the reason, found %+v", got)
	}
}
