// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// MeshConfig is the part of Istio's mesh configuration that decisions rest on
// (https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/).
type MeshConfig struct {
	// TrustDomain is what the identities of the mesh begin with; Aliases are
	// other names for it in policies.
	TrustDomain string
	Aliases     []string
	// RootNamespace is where policies for the whole mesh are.
	RootNamespace string
	// PathNormalization is NONE, BASE, MERGE_SLASHES or DECODE_AND_MERGE_SLASHES.
	PathNormalization string
	// Outbound is what happens to calls out of the registry: ALLOW_ANY or REGISTRY_ONLY.
	Outbound string
	// AutoMTLS is whether clients choose mutual TLS by what the server takes.
	AutoMTLS bool
	// Providers are the names of the extension providers, in their order.
	Providers []string
	// MinTLS is the least version of TLS inside the mesh; empty for Istio's default.
	MinTLS string
	// From is the ConfigMap; nil where the values are Istio's defaults.
	From *Object
	// Unknown says why the defaults may not be what is in force; empty when the
	// configuration was read.
	Unknown string
}

// The values of MeshConfig.PathNormalization.
const (
	NormalizeNone           = "NONE"
	NormalizeBase           = "BASE"
	NormalizeMerge          = "MERGE_SLASHES"
	NormalizeDecodeAndMerge = "DECODE_AND_MERGE_SLASHES"
)

// TrustDomains are the names under which policies know the mesh's own trust
// domain. Istio takes cluster.local for one, whatever the mesh is called
// (pilot/pkg/security/trustdomain/bundle.go).
func (c MeshConfig) TrustDomains() []string {
	out := append([]string{c.TrustDomain}, c.Aliases...)
	if !slices.Contains(out, DefaultClusterDomain) {
		out = append(out, DefaultClusterDomain)
	}
	return out
}

// meshFile is the shape of the key "mesh" of the ConfigMap.
type meshFile struct {
	TrustDomain        string                         `json:"trustDomain"`
	TrustDomainAliases []string                       `json:"trustDomainAliases"`
	RootNamespace      string                         `json:"rootNamespace"`
	EnableAutoMTLS     *bool                          `json:"enableAutoMtls"`
	PathNormalization  struct{ Normalization string } `json:"pathNormalization"`
	Outbound           struct{ Mode string }          `json:"outboundTrafficPolicy"`
	Providers          []struct{ Name string }        `json:"extensionProviders"`
	MeshMTLS           struct {
		MinProtocolVersion string `json:"minProtocolVersion"`
	} `json:"meshMTLS"`
}

// MeshConfig reads the mesh configuration of the default revision: the
// ConfigMap istio of the root namespace, or the one of the only other revision.
func (s *Snapshot) MeshConfig() MeshConfig { return s.RevisionConfig("") }

// RevisionConfig reads the mesh configuration of a revision of the control
// plane; empty for the default one. Where the ConfigMap was not read the values
// are Istio's defaults and Unknown says so.
func (s *Snapshot) RevisionConfig(revision string) MeshConfig {
	out := MeshConfig{
		TrustDomain: s.ClusterDomain, RootNamespace: s.RootNamespace, PathNormalization: NormalizeBase,
		Outbound: "ALLOW_ANY", AutoMTLS: true,
	}
	cm, why := s.meshMap(revision)
	if why != "" {
		out.Unknown = why
		return out
	}
	text, present := cm.Value.Data["mesh"]
	if !present {
		out.Unknown = fmt.Sprintf("%s has no key mesh", cm.Ref)
		return out
	}
	var file meshFile
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		out.Unknown = fmt.Sprintf("%s: the mesh configuration is not valid YAML", cm.Ref)
		return out
	}
	out.From = cm.Object
	out.fill(file)
	return out
}

func (c *MeshConfig) fill(file meshFile) {
	set := func(to *string, value string) {
		if value != "" {
			*to = value
		}
	}
	set(&c.TrustDomain, file.TrustDomain)
	set(&c.RootNamespace, file.RootNamespace)
	set(&c.Outbound, file.Outbound.Mode)
	set(&c.MinTLS, file.MeshMTLS.MinProtocolVersion)
	if n := file.PathNormalization.Normalization; n != "" && n != "DEFAULT" {
		c.PathNormalization = n
	}
	if file.EnableAutoMTLS != nil {
		c.AutoMTLS = *file.EnableAutoMTLS
	}
	c.Aliases = file.TrustDomainAliases
	for _, p := range file.Providers {
		c.Providers = append(c.Providers, p.Name)
	}
}

// meshMap finds the ConfigMap of a revision; why says why there is none.
func (s *Snapshot) meshMap(revision string) (_ Item[corev1.ConfigMap], why string) {
	name := "istio"
	if revision != "" && revision != "default" {
		name += "-" + revision
	}
	if cm, found := ConfigMaps.Get(s, s.RootNamespace, name); found {
		return cm, ""
	}
	if revision == "" {
		if only := s.revisionMaps(); len(only) == 1 {
			return only[0], ""
		}
	}
	if gap, hidden := s.Gap(ConfigMaps.GroupKind, s.RootNamespace); hidden && gap.Reason != "" {
		return Item[corev1.ConfigMap]{}, gap.Reason
	}
	return Item[corev1.ConfigMap]{}, fmt.Sprintf("ConfigMap %s/%s %s", s.RootNamespace, name, s.Absence(ConfigMaps.Kind, s.RootNamespace))
}

// revisionMaps are the mesh configurations of revisions.
func (s *Snapshot) revisionMaps() []Item[corev1.ConfigMap] {
	return slices.DeleteFunc(ConfigMaps.In(s, s.RootNamespace), func(cm Item[corev1.ConfigMap]) bool {
		_, has := cm.Value.Data["mesh"]
		return !has || !strings.HasPrefix(cm.Ref.Name, "istio-")
	})
}
