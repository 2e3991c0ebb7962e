// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifests

import (
	"fmt"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
)

var _ = family.Add(rules.Rule{
	ID: "KM6005", Slug: "api-version", Severity: finding.Error,
	Short: "apiVersion is removed, deprecated or none that exists",
	Why: `Versions of an API come and go. An API server that does not serve the version of an object any
more rejects it, with "no matches for kind"; what was created with that version before lives on under
the newer one. Which versions are gone depends on the version of Kubernetes; without another it is the
newest that the program knows. The versions of a CRD depend on the release that is installed.

The kinds of Kubernetes itself are all known, so that another one in its groups is a misspelt one.`,
	Fix:       `Write the newer apiVersion, and mind fields that have moved or changed in it.`,
	Reference: "https://kubernetes.io/docs/reference/using-api/deprecation-guide/",
	Aliases:   []string{"POP403", "kube-linter:no-extensions-v1beta", "kube-score:stable-version"},
	Check:     checkVersions,
	Repair:    repairVersion,
})

func checkVersions(w *rules.World, emit rules.Emit) {
	target, told := schema.Minor(w.KubeVersion)
	if !told {
		target = schema.Newest()
	}
	for _, o := range authored(w) {
		apiVersion, kind := o.Ref.APIVersion(), o.Ref.Kind
		v := schema.Served(apiVersion, kind)
		switch {
		case !v.Owned:
		case !v.Known:
			unknownVersion(emit, o, v, target)
		case v.Removed > 0 && target >= v.Removed:
			f := emit(o, "/apiVersion", "%s %s is gone since Kubernetes 1.%d", apiVersion, kind, v.Removed)
			f.Hint = instead(v)
		case v.Deprecated > 0 && !v.Custom && target >= v.Deprecated:
			f := emit(o, "/apiVersion", "%s %s is deprecated since Kubernetes 1.%d%s", apiVersion, kind, v.Deprecated, goes(v))
			f.Severity, f.State, f.Hint = finding.Info, finding.Latent, instead(v)
		case v.Custom && !v.Served:
			f := emit(o, "/apiVersion", "%s %s is not served by the present release of its CRD", apiVersion, kind)
			f.Severity, f.Confidence, f.Hint = finding.Warning, finding.Likely, instead(v)
		case v.Custom && v.APIVersion != "":
			f := emit(o, "/apiVersion", "%s %s is an older version of %s", apiVersion, kind, v.APIVersion)
			f.Severity, f.State, f.Hint = finding.Info, finding.Latent, instead(v)
		}
	}
}

// unknownVersion reports a version that never was. Of a CRD's group, a kind that
// nobody knows at all may be one of a release to come, unless it looks like a
// misspelt one; of the groups of Kubernetes all kinds are known.
func unknownVersion(emit rules.Emit, o *model.Object, v schema.Version, target int) {
	if target > schema.Newest() {
		return
	}
	apiVersion, kind := o.Ref.APIVersion(), o.Ref.Kind
	if v.APIVersion != "" {
		f := emit(o, "/apiVersion", "there is no %s in %s", kind, apiVersion)
		f.Hint = instead(v)
		if v.Custom {
			f.Severity, f.Confidence = finding.Warning, finding.Likely
		}
		return
	}
	group, own, builtin := kindsOf(o.Ref.Group, apiVersion)
	near := ref.Closest(kind, own)
	if len(near) == 0 && (v.Custom || group == 0 || slices.Contains(requests, kind)) {
		return
	}
	f := emit(o, "/kind", "%s has no kind %s", apiVersion, kind)
	f.Confidence = finding.Likely // a release that is newer than the program may have it
	if len(near) > 0 {
		f.Hint = "did you mean " + near[0] + "?"
	} else if near = ref.Closest(kind, builtin); len(near) > 0 {
		f.Hint = fmt.Sprintf("did you mean %s of %s?", near[0], schema.Served(apiVersion, near[0]).APIVersion)
	}
}

// requests are kinds of the groups of Kubernetes that are sent to its API or that
// it sends, and that are never objects of their own.
var requests = []string{
	"AdmissionReview", "Binding", "ConversionReview", "CreateOptions", "DeleteOptions", "Eviction", "List", "NodeProxyOptions",
	"PodAttachOptions", "PodExecOptions", "PodLogOptions", "PodPortForwardOptions", "PodProxyOptions", "Scale",
	"SerializedReference", "ServiceProxyOptions", "Status", "UpdateOptions", "WatchEvent",
}

// kindsOf counts the kinds of an API group, and lists those of one version of it
// and those of Kubernetes itself.
func kindsOf(group, apiVersion string) (of int, own, builtin []string) {
	for _, k := range schema.Kinds() {
		if ref.Of(k[0], k[1], "", "").Group == group {
			of++
		}
		if k[0] == apiVersion {
			own = append(own, k[1])
		}
		if !schema.Served(k[0], k[1]).Custom {
			builtin = append(builtin, k[1])
		}
	}
	return of, own, builtin
}

func instead(v schema.Version) string {
	if v.APIVersion == "" {
		return ""
	}
	return fmt.Sprintf("write apiVersion: %s", v.APIVersion)
}

func goes(v schema.Version) string {
	if v.Removed == 0 {
		return ""
	}
	return fmt.Sprintf(" and goes with 1.%d", v.Removed)
}

// repairVersion writes the newer version where the object is right in it as it is.
// Whether the cluster has the release that serves it is for a person to know.
func repairVersion(_ *rules.World, r rules.Result) []rules.Fix {
	o := r.On
	v := schema.Served(o.Ref.APIVersion(), o.Ref.Kind)
	if v.APIVersion == "" || v.Kind != o.Ref.Kind {
		return nil
	}
	op := patch.Op{Op: patch.Replace, Path: "/apiVersion", Value: v.APIVersion}
	after, err := patch.Apply(o.Raw(), []patch.Op{op})
	if err != nil {
		return nil
	}
	raw, _ := after.(map[string]any)
	before, _ := schema.Check(o.Raw())
	if problems, known := schema.Check(raw); !known || len(problems) > len(before) {
		return nil
	}
	return []rules.Fix{rules.Change(rules.Review, "write apiVersion: "+v.APIVersion, o, op)}
}
