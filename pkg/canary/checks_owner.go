// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// objects returns the objects that would be written, each once.
func (c inspection) objects() []*model.Object {
	var out []*model.Object
	for _, s := range c.Shifts {
		if !slices.Contains(out, s.Object) {
			out = append(out, s.Object)
		}
	}
	return out
}

// checkForeign refuses objects that another progressive-delivery tool drives:
// it would write the weights back at its next step.
func checkForeign(c inspection) {
	for _, o := range c.objects() {
		if owner := foreignOwner(o); owner != "" {
			c.found("KM8025", finding.Error, o, "", owner+" drives this object and would undo the write",
				"shift traffic with that tool, or take the object out of its hands first", OverrideForeign)
		}
	}
}

func foreignOwner(o *model.Object) string {
	meta := o.Meta()
	for _, ref := range meta.GetOwnerReferences() {
		if ref.Kind == "Canary" && strings.HasPrefix(ref.APIVersion, "flagger.app/") {
			return "Flagger (Canary " + ref.Name + ")"
		}
	}
	for _, key := range slices.Concat(slices.Sorted(maps.Keys(meta.GetAnnotations())), slices.Sorted(maps.Keys(meta.GetLabels()))) {
		switch {
		case key == "argo-rollouts.argoproj.io/managed-by-rollouts", key == "rollouts.argoproj.io/gatewayapi-canary":
			return "Argo Rollouts"
		case key == "flagger.kubernetes.io/original-configuration":
			return "Flagger"
		case strings.HasPrefix(key, "rollouts.kruise.io/"):
			return "OpenKruise Rollouts"
		}
	}
	return ""
}

// checkGitOps refuses live objects that a GitOps controller keeps as git has
// them: the write would be reverted, and fighting over it helps nobody.
func checkGitOps(c inspection) {
	for _, o := range c.objects() {
		if !o.Live() {
			continue
		}
		meta := o.Meta()
		owner, cure := gitOpsOwner(meta.GetAnnotations(), meta.GetLabels())
		if owner == "" {
			if release := meta.GetAnnotations()["meta.helm.sh/release-name"]; release != "" {
				c.found("KM8026", finding.Warning, o, "", fmt.Sprintf("Helm release %s owns this object: its next upgrade sets the weights back", release), "", "")
			}
			continue
		}
		c.found("KM8026", finding.Error, o, "", owner+" keeps this object as git has it and would revert the write", cure, OverrideGitOps)
	}
}

// gitOpsOwner recognises Argo CD's and Flux's marks and says how to go on.
func gitOpsOwner(annotations, labels map[string]string) (owner, cure string) {
	const commit = "change it in git: kubectl micro canary --weight N -f FILE --in-place"
	if id := annotations["argocd.argoproj.io/tracking-id"]; id != "" {
		app, _, _ := strings.Cut(id, ":")
		return fmt.Sprintf("Argo CD (application %s)", app),
			commit + "\nor let Argo CD ignore /spec/http and the annotation " + Annotation + " of this object (ignoreDifferences)"
	}
	off := annotations["kustomize.toolkit.fluxcd.io/reconcile"] == "disabled" ||
		annotations["kustomize.toolkit.fluxcd.io/ssa"] == "IfNotPresent" ||
		annotations["kustomize.toolkit.fluxcd.io/ssa"] == "Ignore"
	if name := labels["kustomize.toolkit.fluxcd.io/name"]; name != "" && !off {
		return fmt.Sprintf("Flux (Kustomization %s)", name),
			commit + "\nor set the annotation kustomize.toolkit.fluxcd.io/reconcile=disabled on it while the canary runs"
	}
	if name := labels["helm.toolkit.fluxcd.io/name"]; name != "" {
		return fmt.Sprintf("Flux (HelmRelease %s)", name), commit
	}
	return "", ""
}
