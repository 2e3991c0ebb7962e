// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Opaque is an object that matters by being there: what it says is not
// evaluated, and Raw has it.
type Opaque struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
}

// DeepCopyObject implements runtime.Object.
func (o *Opaque) DeepCopyObject() runtime.Object {
	out := &Opaque{TypeMeta: o.TypeMeta}
	o.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	return out
}

// IstioExtensions is the group of what extends proxies.
const IstioExtensions = "extensions.istio.io"

// The kinds of Istio that change proxies in ways that nobody here evaluates.
var (
	EnvoyFilters = kind[Opaque](IstioNetworking, "EnvoyFilter", "envoyfilters", true, "v1alpha3")
	WasmPlugins  = kind[Opaque](IstioExtensions, "WasmPlugin", "wasmplugins", true, "v1alpha1")
)
