// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// checkForeign refuses objects that another progressive-delivery tool drives:
// it would write the weights back at its next step.
func checkForeign(c inspection) {
	for _, o := range c.objects() {
		if owner := foreignOwner(o); owner != "" {
			c.found(ruleForeign, finding.Error, o, "", owner+" drives this object and would undo the write",
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
		if owner, cure := gitOpsOwner(o); owner != "" {
			c.found(ruleGitOps, finding.Error, o, "", owner+" keeps this object as git has it and would revert the write",
				"change it in git: kubectl micro canary --weight "+c.in.Weight.String()+" -f FILE --in-place"+cure, OverrideGitOps)
			continue
		}
		release := o.Meta().GetAnnotations()["meta.helm.sh/release-name"]
		if flux := o.Meta().GetLabels()["helm.toolkit.fluxcd.io/name"]; flux != "" {
			release = flux // Flux upgrades by Helm, and watches for drift only where it is told to
		}
		if release != "" {
			c.found(ruleGitOps, finding.Warning, o, "", fmt.Sprintf("Helm release %s owns this object: its next upgrade sets the weights back", release), "", "")
		}
	}
}

// gitOpsOwner recognises Argo CD's and Flux's marks and says what else than a
// commit would let the write stand; cure starts with a line break or is empty.
func gitOpsOwner(o *model.Object) (owner, cure string) {
	annotations, labels := o.Meta().GetAnnotations(), o.Meta().GetLabels()
	app, _, _ := strings.Cut(annotations["argocd.argoproj.io/tracking-id"], ":")
	if app == "" && managedBy(o, "argocd-controller") {
		app = labels["app.kubernetes.io/instance"] // tracking by label, Argo CD's old default
	}
	if app != "" {
		return fmt.Sprintf("Argo CD (application %s)", app), "\n" + ignoreDifferences(o)
	}
	off := annotations["kustomize.toolkit.fluxcd.io/reconcile"] == "disabled" ||
		annotations["kustomize.toolkit.fluxcd.io/ssa"] == "IfNotPresent" ||
		annotations["kustomize.toolkit.fluxcd.io/ssa"] == "Ignore"
	if name := labels["kustomize.toolkit.fluxcd.io/name"]; name != "" && !off {
		return fmt.Sprintf("Flux (Kustomization %s)", name), fmt.Sprintf(
			"\nor let Flux leave it alone while the canary runs: kubectl annotate -n %s %s kustomize.toolkit.fluxcd.io/reconcile=disabled",
			o.Ref.Namespace, o.Ref.Short())
	}
	return "", ""
}

func managedBy(o *model.Object, manager string) bool {
	return slices.ContainsFunc(o.Meta().GetManagedFields(), func(m metav1.ManagedFieldsEntry) bool { return m.Manager == manager })
}

// ignoreDifferences is the rule for an Argo CD Application that leaves the
// routes of one object, and our annotation, to others.
func ignoreDifferences(o *model.Object) string {
	routes := "/spec/http"
	if o.Ref.Group == model.GatewayAPI {
		routes = "/spec/rules"
	}
	return fmt.Sprintf("or add to spec.ignoreDifferences of the Application, with the sync option RespectIgnoreDifferences=true:\n"+
		"- {group: %s, kind: %s, namespace: %s, name: %s, jsonPointers: [%s, %s]}",
		o.Ref.Group, o.Ref.Kind, o.Ref.Namespace, o.Ref.Name, routes, annotationPointer)
}

// checkDrift tells of weights that are not what the running session wrote. The
// new weight is what the user asked for and goes through all the same.
func checkDrift(c inspection) {
	for _, s := range c.Shifts {
		list, _ := sessionsOf(s.Object) // an error stops the plan elsewhere
		session, _ := list.of(c.Target.String())
		touched, _ := session.touched(fingerprint(s.Route))
		for _, w := range touched.Legs {
			if l, found := s.Leg(w.backend()); found && !w.holds(s.Route, l) {
				c.found(ruleDrift, finding.Warning, s.Object, l.Pointer+"/weight",
					fmt.Sprintf("the weight of %s is %s, the running canary wrote %d: somebody else changed it", Label(l.Backend), written(l), w.Wrote), "", "")
			}
		}
	}
}
