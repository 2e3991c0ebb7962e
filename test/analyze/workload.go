// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package analyze

import (
	"bytes"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/pod-security-admission/admission"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/test/lint/stream"
)

// decode returns an object of a built-in kind, nil for any other kind.
func decode(d stream.Document) (runtime.Object, error) {
	object, _, err := scheme.Codecs.UniversalDeserializer().Decode(d.Text, nil, nil)
	if runtime.IsNotRegisteredError(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.Object, err)
	}
	return object, nil
}

// template is that of the pods of an object; nil for a kind without.
func template(object runtime.Object) (*metav1.ObjectMeta, *corev1.PodSpec) {
	if object == nil {
		return nil, nil
	}
	labels, spec, err := admission.DefaultPodSpecExtractor{}.ExtractPodSpec(object)
	if err != nil { // the one error is that the kind has none
		return nil, nil
	}
	return labels, spec
}

// podsOf writes one pod for each workload of a stream, with what Istio adds to it: a
// proxy in a namespace of sidecars, else the mark of the node's proxy.
func podsOf(text []byte) ([]byte, error) {
	documents, err := stream.Split(text)
	if err != nil {
		return nil, err
	}
	sidecars := bytes.Contains(text, []byte("istio-injection: enabled"))
	var out bytes.Buffer
	for _, d := range documents {
		object, err := decode(d)
		if err != nil {
			return nil, err
		}
		labels, spec := template(object)
		if spec == nil {
			continue
		}
		owner, err := meta.Accessor(object)
		if err != nil {
			return nil, err
		}
		pod := corev1.Pod{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}, ObjectMeta: *labels.DeepCopy(), Spec: *spec.DeepCopy()}
		pod.Name, pod.Namespace = owner.GetName(), owner.GetNamespace()
		if sidecars {
			pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{Name: "istio-proxy", Image: "istio/proxyv2"})
		} else {
			metav1.SetMetaDataAnnotation(&pod.ObjectMeta, "ambient.istio.io/redirection", "enabled")
		}
		y, err := yaml.Marshal(pod)
		if err != nil {
			return nil, err
		}
		out.WriteString("---\n")
		out.Write(y)
	}
	return out.Bytes(), nil
}
