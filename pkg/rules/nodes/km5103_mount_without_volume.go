// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package nodes

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM5103", Slug: "mount-without-volume", Severity: finding.Error,
	Short: "Container mounts a volume that the pod does not have",
	Why: `A volumeMount names a volume of the pod. The API server rejects a pod, and a workload with a
template of one, whose mount names none; schema validation cannot see that, since the two are
in different fields.

A volume that no container mounts is accepted, but its data reach nobody: that is only reported as a
fact.`,
	Fix: `Add the volume under the name that the mount uses, or correct the name. Agents that read the
logs of a node need its directories as hostPath, read-only.`,
	Reference: "https://kubernetes.io/docs/concepts/storage/volumes/#how-volumes-work",
	Needs:     model.WorkloadKinds,
	Check:     checkMounts,
	Repair:    repairMount,
})

// mount is one place where a container uses a volume.
type mount struct {
	volume, container string
	// path is where it is mounted; empty for a block device.
	path string
	// at is the JSON Pointer of the item in the list of mounts.
	at string
}

// mountsOf lists the mounts and devices of all containers of a workload.
func mountsOf(of *model.Workload) []mount {
	var out []mount
	for at, c := range of.Containers() {
		for i, m := range c.VolumeMounts {
			out = append(out, mount{m.Name, c.Name, m.MountPath, at + patch.Pointer("volumeMounts", i)})
		}
		for i, d := range c.VolumeDevices {
			out = append(out, mount{volume: d.Name, container: c.Name, at: at + patch.Pointer("volumeDevices", i)})
		}
	}
	return out
}

// volumesOf are the names of the volumes that the pods of a workload have.
func volumesOf(of *model.Workload) []string {
	var out []string
	for _, v := range of.Spec().Volumes {
		out = append(out, v.Name)
	}
	if set, ok := model.StatefulSets.Of(of.Object); ok {
		for _, t := range set.Value.Spec.VolumeClaimTemplates {
			out = append(out, t.Name)
		}
	}
	return out
}

func checkMounts(w *rules.World, emit rules.Emit) {
	for _, of := range w.Workloads("") {
		if of.Live() {
			continue // the API server has accepted it
		}
		mounts, volumes := mountsOf(of), volumesOf(of)
		said, meant := map[string]bool{}, map[string]bool{}
		for _, m := range mounts {
			// A template that sets fields of the sidecar may name volumes of the injector.
			if m.container == "istio-proxy" || slices.Contains(volumes, m.volume) || said[m.volume] {
				continue
			}
			said[m.volume] = true
			f := emit(of.Object, patch.Join(m.at, "name"), "container %s mounts volume %q, which the pod does not have", m.container, m.volume)
			if near := ref.Closest(m.volume, volumes); len(near) > 0 {
				f.Hint = "did you mean " + near[0] + "?"
				meant[near[0]] = true
			}
		}
		for i, v := range of.Spec().Volumes {
			if !meant[v.Name] && !usedVolume(of, mounts, v.Name) {
				f := emit(of.Object, of.SpecAt()+patch.Pointer("volumes", i), "no container mounts volume %q", v.Name)
				f.Severity = finding.Info
			}
		}
	}
}

// usedVolume reports whether something mounts a volume: a container, or a
// sidecar that an annotation of the template tells of it.
func usedVolume(of *model.Workload, mounts []mount, name string) bool {
	if slices.ContainsFunc(mounts, func(m mount) bool { return m.volume == name }) {
		return true
	}
	for _, value := range of.Template.Annotations {
		if strings.Contains(value, name) {
			return true
		}
	}
	return false
}

// logs are the directories of a node that agents read logs from.
var logs = []string{"/var/log", "/var/log/pods", "/var/log/containers", "/var/log/journal", "/run/log/journal", "/var/lib/docker/containers"}

func repairMount(w *rules.World, r rules.Result) []rules.Fix {
	of, ok := w.Workload(r.On.Ref)
	if !ok || r.Severity == finding.Info {
		return nil // whether an unused volume is one too many, or a mount is missing, nobody can tell
	}
	mounts, volumes := mountsOf(of), volumesOf(of)
	i := slices.IndexFunc(mounts, func(m mount) bool { return patch.Join(m.at, "name") == r.Pointer })
	if i < 0 {
		return nil
	}
	m := mounts[i]
	var fixes []rules.Fix
	if near := ref.Closest(m.volume, volumes); len(near) > 0 && !usedVolume(of, mounts, near[0]) {
		var ops []patch.Op
		for _, other := range mounts {
			if other.volume == m.volume {
				ops = append(ops, patch.Op{Op: patch.Replace, Path: patch.Join(other.at, "name"), Value: near[0]})
			}
		}
		fixes = append(fixes, rules.Change(rules.Review, "mount volume "+near[0], r.On, ops...))
	}
	if m.path == "" {
		return fixes // a block device needs a claim
	}
	return append(fixes, addVolume(of, m))
}

// addVolume gives the pod the volume: the directory of the node where that is
// what the mount path says, else an empty one.
func addVolume(of *model.Workload, m mount) rules.Fix {
	volume := map[string]any{"name": m.volume, "emptyDir": map[string]any{}}
	title := "add an emptyDir volume " + m.volume
	var ops []patch.Op
	if dir := strings.TrimRight(m.path, "/"); slices.Contains(logs, dir) {
		volume = map[string]any{"name": m.volume, "hostPath": map[string]any{"path": dir}}
		title = "mount " + dir + " of the node, read-only"
		ops = append(ops, patch.Op{Op: patch.Add, Path: patch.Join(m.at, "readOnly"), Value: true})
	}
	at := patch.Join(of.SpecAt(), "volumes")
	if len(of.Spec().Volumes) == 0 {
		ops = append(ops, patch.Op{Op: patch.Add, Path: at, Value: []any{volume}})
	} else {
		ops = append(ops, patch.Op{Op: patch.Add, Path: at + "/-", Value: volume})
	}
	return rules.Change(rules.Review, title, of.Object, ops...)
}
