// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// The marks of those that write objects again, as their documentation has them.
const (
	helmRelease   = "meta.helm.sh/release-name"
	argoTracking  = "argocd.argoproj.io/tracking-id"
	argoManager   = "argocd-controller"
	argoInstance  = "app.kubernetes.io/instance" // Argo CD's default until 2.x; others use it too
	fluxHelm      = "helm.toolkit.fluxcd.io/name"
	fluxKustomize = "kustomize.toolkit.fluxcd.io/name"
)

// Keeper names who wrote the object of a repair and will write it again, so that
// the fix has to be made there to last: a controller, a GitOps tool, a release,
// or the field managers of what the fix changes. It is empty where nobody but
// kubectl is known to have a part in it, and for what is new. Field managers are
// known of objects that were read with their managedFields.
func (r Repair) Keeper() string {
	if r.On == nil {
		return ""
	}
	meta := r.On.Meta()
	annotations, labels := meta.GetAnnotations(), meta.GetLabels()
	if owner := metav1.GetControllerOf(meta); owner != nil {
		return owner.Kind + " " + owner.Name
	}
	app, _, _ := strings.Cut(annotations[argoTracking], ":")
	if app == "" && slices.ContainsFunc(meta.GetManagedFields(), func(m metav1.ManagedFieldsEntry) bool { return m.Manager == argoManager }) {
		app = labels[argoInstance]
	}
	for _, k := range []struct{ what, name string }{
		{"Argo CD application", app},
		{"Flux Kustomization", labels[fluxKustomize]},
		{"Flux HelmRelease", labels[fluxHelm]},
		{"Helm release", annotations[helmRelease]},
	} {
		if k.name != "" {
			return k.what + " " + k.name
		}
	}
	var others []string
	for _, m := range r.managers() {
		others = append(others, fmt.Sprintf("field manager %q", m))
	}
	return strings.Join(others, " and ")
}

// managers are the field managers of what the change changes, without kubectl's
// and the suite's.
func (r Repair) managers() []string {
	entries, err := patch.Get(r.Change.Before, "/metadata/managedFields")
	if err != nil {
		return nil
	}
	list, _ := entries.([]any)
	var out []string
	for _, item := range list {
		entry, _ := item.(map[string]any)
		name, _ := entry["manager"].(string)
		fields, _ := entry["fieldsV1"].(map[string]any)
		if name == "" || strings.HasPrefix(name, "kubectl") || entry["subresource"] != nil || len(fields) == 0 || slices.Contains(out, name) {
			continue
		}
		part := owned(r.Change.Before, fields)
		if slices.ContainsFunc(r.Change.Leaves, func(leaf string) bool { return holds(part, leaf) }) {
			out = append(out, name)
		}
	}
	return out
}

// holds reports whether a value has the field of a pointer, or a list on the way
// to it: where one item is changed, whoever owns another has a say.
func holds(value any, pointer string) bool {
	tokens, err := patch.Tokens(pointer)
	for _, t := range tokens {
		fields, isMap := value.(map[string]any)
		if !isMap {
			break
		}
		next, has := fields[t]
		if !has {
			return false
		}
		value = next
	}
	return err == nil
}
