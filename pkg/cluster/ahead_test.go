// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"bytes"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"
)

// The token of the next page is read from an answer that was not decoded.
func TestTokenAhead(t *testing.T) {
	answer := func(list runtime.Object, kind string) []byte {
		list.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{Version: "v1", Kind: kind})
		var out bytes.Buffer
		if err := protobuf.NewSerializer(scheme.Scheme, scheme.Scheme).Encode(list, &out); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	left := int64(3)
	more := metav1.ListMeta{ResourceVersion: "7", Continue: "b+/=", RemainingItemCount: &left}
	pods := answer(&corev1.PodList{ListMeta: more, Items: make([]corev1.Pod, 2)}, "PodList")
	for name, test := range map[string]struct {
		body []byte
		want string
	}{
		"objects":  {pods, "b+/="},
		"metadata": {answer(&metav1.PartialObjectMetadataList{ListMeta: more}, "PartialObjectMetadataList"), "b+/="},
		"the last": {answer(&corev1.PodList{ListMeta: metav1.ListMeta{ResourceVersion: "7"}, Items: make([]corev1.Pod, 2)}, "PodList"), ""},
		"JSON":     {[]byte(`{"kind":"PodList","metadata":{"continue":"b"}}`), ""},
		"no list":  {pods[:9], ""},
		"nothing":  {nil, ""},
	} {
		if got := tokenAhead(test.body); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
