// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// APIService is the part of apiregistration.k8s.io/v1 APIService the suite looks
// at: which Service answers for an API group, and whether it does. The type of
// upstream is in a module that is larger than the rest of the suite.
type APIService struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec   APIServiceSpec   `json:"spec,omitempty"`
	Status APIServiceStatus `json:"status,omitempty"`
}

// APIServiceSpec names the group, the version and who serves them.
type APIServiceSpec struct {
	Group   string `json:"group,omitempty"`
	Version string `json:"version,omitempty"`
	// Service is nil for groups that the API server itself serves.
	Service *APIServiceBackend `json:"service,omitempty"`
}

// APIServiceBackend is the Service of an aggregated API.
type APIServiceBackend struct {
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"`
	Port      *int32 `json:"port,omitempty"`
}

// APIServiceStatus holds the condition Available.
type APIServiceStatus struct {
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// DeepCopyObject implements runtime.Object.
func (a *APIService) DeepCopyObject() runtime.Object {
	out := *a
	out.ObjectMeta = *a.ObjectMeta.DeepCopy()
	if a.Spec.Service != nil {
		backend := *a.Spec.Service
		out.Spec.Service = &backend
	}
	out.Status.Conditions = append([]metav1.Condition(nil), a.Status.Conditions...)
	return &out
}
