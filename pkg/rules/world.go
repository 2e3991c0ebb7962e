// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// World is what rules look at.
type World struct {
	*model.Snapshot
	// Now is the time of the diagnosis.
	Now time.Time
	// KubeVersion is the Kubernetes minor version that matters ("1.33"); empty
	// means the newest that the suite knows.
	KubeVersion string
	// Unread are what is wrong with files, documents and objects that could not
	// be read whole; *fault.Error with a place and a hint, most of them.
	Unread []error
	// Texts are the files beside the manifests that hold no objects, in the order in
	// which they were read.
	Texts []*model.Text
	// Remarks are about suppressions. They rest on what the other rules find, so
	// that they are filled in once these have run; see package suppress.
	Remarks []Remark
}

// Remark is what is to be said about a suppression: a finding of KM0005 to
// KM0008, which emit what is theirs of World.Remarks.
type Remark struct {
	// ID is that of the rule whose finding it is.
	ID string
	// On is the object that the suppression is about; nil where it stands in a
	// file about many, whose name is in Where.
	On *model.Object
	// Pointer is the field of the object; empty for the whole.
	Pointer string
	// Where is the place of the suppression.
	Where string
	// Message is a sentence without a full stop, Hint what to type; may be empty.
	Message, Hint string
}

// Missing looks for an object that another one names. It returns false when the
// object is there, or when nobody can tell. Otherwise the absence says what to
// call it (its String completes "Secret x ...") and Weigh what it is worth.
func (w *World) Missing(k *model.Kind, namespace, name string) (model.Absence, bool) {
	if _, found := w.Object(k.Ref(namespace, name)); found {
		return model.Proven, false
	}
	absence := w.Absence(k, namespace)
	return absence, absence != model.Unknown
}

// Weigh lowers a finding that rests on an absence: what is not in a set of files
// may well be in the cluster. An error becomes a warning when the files hold
// others of the kind, and a fact when they hold none.
func Weigh(f *finding.Finding, absence model.Absence) *finding.Finding {
	switch absence {
	case model.NotInSet:
		f.Severity, f.Confidence = min(f.Severity, finding.Warning), finding.Likely
	case model.Outside, model.Unknown:
		f.Severity, f.Confidence = finding.Info, finding.Possible
	}
	return f
}

// Mesh is whether a workload's traffic passes an Istio proxy.
type Mesh int

// The answers. Unknown is one: of files that do not hold the Namespace, nobody
// can say what its labels are.
const (
	MeshUnknown Mesh = iota
	MeshIn
	MeshOut
)

// MeshKinds are the kinds that Mesh reads, besides the workload's own.
var MeshKinds = []*model.Kind{model.Namespaces.Kind}

// Mesh tells whether a workload is in the mesh: by its live pods, else by the
// labels that injection goes by (pod first, then namespace; see
// https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/).
func (w *World) Mesh(of *model.Workload) Mesh {
	if len(of.Pods) > 0 {
		for _, p := range of.Pods {
			if model.InMesh(p.Value) {
				return MeshIn
			}
		}
		return MeshOut
	}
	switch {
	case of.Spec().HostNetwork:
		return MeshOut
	case model.InMesh(&corev1.Pod{ObjectMeta: of.Template.ObjectMeta, Spec: of.Template.Spec}):
		return MeshIn
	}
	labels := of.Template.Labels
	for _, v := range []string{labels["sidecar.istio.io/inject"], of.Template.Annotations["sidecar.istio.io/inject"]} {
		switch v {
		case "true":
			return MeshIn
		case "false":
			return MeshOut
		}
	}
	return w.NamespaceMesh(of.Ref.Namespace)
}

// NamespaceMesh tells whether pods of a namespace join the mesh by default.
func (w *World) NamespaceMesh(namespace string) Mesh {
	ns, found := model.Namespaces.Get(w.Snapshot, "", namespace)
	if !found {
		return MeshUnknown
	}
	labels := ns.Value.Labels
	switch {
	case labels["istio-injection"] == "disabled":
		return MeshOut
	case labels["istio-injection"] == "enabled", labels["istio.io/rev"] != "", labels["istio.io/dataplane-mode"] == "ambient":
		return MeshIn
	}
	return MeshOut
}
