// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package apitest

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// list answers with a page. The token of the next is the number of objects
// before it.
func (s *Server) list(w http.ResponseWriter, r *http.Request, t target) {
	query := r.URL.Query()
	selector, err := labels.Parse(query.Get("labelSelector"))
	if err != nil {
		Fail(w, http.StatusBadRequest, "BadRequest", err.Error(), nil)
		return
	}
	var found []map[string]any
	for _, at := range s.sorted() {
		u := unstructured.Unstructured{Object: s.objects[at]}
		if at.GroupKind() == t.kind.GroupKind && (t.namespace == "" || at.Namespace == t.namespace) && selector.Matches(labels.Set(u.GetLabels())) {
			found = append(found, t.in(u.Object))
		}
	}
	from, _ := strconv.Atoi(query.Get("continue")) // none is 0
	limit, _ := strconv.Atoi(query.Get("limit"))
	token := ""
	found = found[min(from, len(found)):]
	if limit > 0 && len(found) > limit {
		found, token = found[:limit], strconv.Itoa(from+limit)
	}
	meta := map[string]any{"resourceVersion": strconv.Itoa(s.version), "continue": token}
	s.page(w, r, t, meta, found)
}

func (s *Server) sorted() []ref.Ref {
	var out []ref.Ref
	for r := range s.objects {
		out = append(out, r)
	}
	slices.SortFunc(out, ref.Compare)
	return out
}

// page encodes a page in the form that was asked for.
func (s *Server) page(w http.ResponseWriter, r *http.Request, t target, meta map[string]any, items []map[string]any) {
	accept := r.Header.Get("Accept")
	list := map[string]any{"kind": t.kind.Kind + "List", "apiVersion": t.ref().APIVersion(), "metadata": meta, "items": items}
	partial := strings.Contains(accept, "as=PartialObjectMetadataList")
	if partial {
		for i, o := range items {
			items[i] = map[string]any{"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": o["metadata"]}
		}
		list["kind"], list["apiVersion"] = "PartialObjectMetadataList", "meta.k8s.io/v1"
	}
	if s.JSONOnly || !strings.HasPrefix(accept, runtime.ContentTypeProtobuf) {
		answer(w, list)
		return
	}
	var typed runtime.Object = &metav1.PartialObjectMetadataList{}
	types := runtime.NewScheme()
	types.AddKnownTypes(metav1.SchemeGroupVersion, &metav1.PartialObjectMetadataList{})
	types.AddKnownTypeWithName(metav1.SchemeGroupVersion.WithKind("PartialObjectMetadataList"), typed)
	if !partial {
		typed, types = t.kind.NewList(), scheme.Scheme
	}
	asAny := make([]any, len(items))
	for i, o := range items {
		asAny[i] = o
	}
	list["items"] = asAny
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(list, typed); err != nil {
		Fail(w, http.StatusInternalServerError, "InternalError", err.Error(), nil)
		return
	}
	var body bytes.Buffer
	if err := protobuf.NewSerializer(types, types).Encode(typed, &body); err != nil {
		Fail(w, http.StatusInternalServerError, "InternalError", err.Error(), nil)
		return
	}
	w.Header().Set("Content-Type", runtime.ContentTypeProtobuf)
	_, _ = body.WriteTo(w) // a client that has gone needs no answer
}
