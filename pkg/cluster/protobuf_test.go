// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster_test

import (
	"bytes"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// encoded is an answer as an API server sends it.
func encoded(t testing.TB, gvk schema.GroupVersionKind, list runtime.Object) []byte {
	t.Helper()
	list.GetObjectKind().SetGroupVersionKind(gvk)
	var out bytes.Buffer
	if err := protobuf.NewSerializer(scheme.Scheme, scheme.Scheme).Encode(list, &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// twoPods are pods with all that their metadata can hold around managedFields.
func twoPods(t testing.TB) []byte {
	list := &corev1.PodList{ListMeta: metav1.ListMeta{ResourceVersion: "7"}}
	for _, name := range []string{"a", "b"} {
		list.Items = append(list.Items, corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{
				Name: name, Namespace: "shop", UID: "1", Labels: map[string]string{"app": "web"}, Finalizers: []string{"x"},
				ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "kubelet"}, {Manager: "kubectl", FieldsV1: metav1.NewFieldsV1(`{"f:metadata":{}}`)}},
			},
			Spec: corev1.PodSpec{NodeName: "node-1"},
		})
	}
	return encoded(t, schema.GroupVersionKind{Version: "v1", Kind: "PodList"}, list)
}

// answering is a server with one answer to all.
func answering(t *testing.T, body []byte) *cluster.Client {
	s := apitest.New(t)
	s.On = func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", runtime.ContentTypeProtobuf)
		_, _ = w.Write(body)
		return true
	}
	return connect(t, s)
}

func TestProtobufWithoutManagedFields(t *testing.T) {
	for _, keep := range []bool{true, false} {
		got, err := answering(t, twoPods(t)).List(t.Context(), model.Pods.Kind, cluster.ListOptions{ManagedFields: keep})
		if err != nil || len(got) != 2 {
			t.Fatalf("got %v, %v", got, err)
		}
		for _, o := range got {
			p, _ := model.Pods.Of(o)
			managers := []string{}
			for _, m := range p.Value.ManagedFields {
				managers = append(managers, m.Manager)
			}
			if want := []string{"kubelet", "kubectl"}; keep && !slices.Equal(managers, want) || !keep && len(managers) > 0 {
				t.Errorf("kept: %t: got %v", keep, managers)
			}
			p.Value.ManagedFields = nil
			want := metav1.ObjectMeta{Name: p.Value.Name, Namespace: "shop", UID: "1", Labels: map[string]string{"app": "web"}, Finalizers: []string{"x"}}
			if d := cmp.Diff(want, p.Value.ObjectMeta); d != "" || p.Value.Spec.NodeName != "node-1" {
				t.Errorf("kept: %t: %s\n%v", keep, d, p.Value.Spec)
			}
		}
	}
}

func TestProtobufOfAnotherKind(t *testing.T) {
	failure := encoded(t, schema.GroupVersionKind{Version: "v1", Kind: "Status"}, &metav1.Status{Status: metav1.StatusFailure, Message: "try later", Reason: metav1.StatusReasonServiceUnavailable})
	whole := twoPods(t)
	for name, body := range map[string][]byte{
		"a failure": failure, "cut short": whole[:len(whole)/2], "no envelope": whole[4:], "the envelope alone": whole[:4],
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := answering(t, body).List(t.Context(), model.Pods.Kind, cluster.ListOptions{}); err == nil {
				t.Errorf("got %v", got)
			}
		})
	}
}

// Whatever client-go's decoder can read, List can, with the same objects.
func FuzzProtobuf(f *testing.F) {
	f.Add(twoPods(f))
	f.Add(twoPods(f)[:100])
	f.Add(encoded(f, schema.GroupVersionKind{Version: "v1", Kind: "PodList"}, &corev1.PodList{}))
	f.Add([]byte("k8s\x00"))
	var body []byte
	s := apitest.New(f)
	s.On = func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", runtime.ContentTypeProtobuf)
		_, _ = w.Write(body)
		return true
	}
	c := connect(f, s)
	f.Fuzz(func(t *testing.T, data []byte) {
		want := &corev1.PodList{}
		into, _, err := protobuf.NewSerializer(scheme.Scheme, scheme.Scheme).Decode(data, nil, want)
		if err != nil || into != want || want.Continue != "" {
			return
		}
		body = data
		got, err := c.List(t.Context(), model.Pods.Kind, cluster.ListOptions{})
		if err != nil || len(got) != len(want.Items) {
			t.Fatalf("got %v, %v; want %d pods", got, err, len(want.Items))
		}
		for i, o := range got {
			want.Items[i].ManagedFields = nil
			p, _ := model.Pods.Of(o)
			if d := cmp.Diff(want.Items[i], *p.Value); d != "" {
				t.Error(d)
			}
		}
	})
}

// Pages in protobuf are asked for by the tokens of those before, each once. One that is
// broken is an error, although the next one is on its way then.
func TestProtobufPages(t *testing.T) {
	page := func(token, pod string) []byte {
		list := &corev1.PodList{ListMeta: metav1.ListMeta{ResourceVersion: "7", Continue: token}}
		list.Items = append(list.Items, corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: pod, Namespace: "shop"}})
		return encoded(t, schema.GroupVersionKind{Version: "v1", Kind: "PodList"}, list)
	}
	broken := page("c+/=", "b")
	broken = append(broken[:len(broken)-8:len(broken)-8], bytes.Repeat([]byte{0xff}, 8)...)
	for name, test := range map[string]struct {
		second []byte
		want   []string
	}{
		"whole":  {page("c+/=", "b"), []string{"a", "b", "c"}},
		"broken": {broken, nil},
	} {
		t.Run(name, func(t *testing.T) {
			pages := map[string][]byte{"": page("b", "a"), "b": test.second, "c+/=": page("", "c")}
			asked := make(chan string, 10)
			s := apitest.New(t)
			s.On = func(w http.ResponseWriter, r *http.Request) bool {
				token := r.URL.Query().Get("continue")
				asked <- token
				w.Header().Set("Content-Type", runtime.ContentTypeProtobuf)
				_, _ = w.Write(pages[token])
				return true
			}
			got, err := connect(t, s).List(t.Context(), model.Pods.Kind, cluster.ListOptions{})
			var names []string
			for _, o := range got {
				names = append(names, o.Ref.Name)
			}
			if (err == nil) != (test.want != nil) || !slices.Equal(names, test.want) {
				t.Fatalf("got %v, %v", names, err)
			}
			if test.want == nil {
				return
			}
			for _, want := range []string{"", "b", "c+/="} {
				if got := <-asked; got != want {
					t.Errorf("asked for the page %q, want %q", got, want)
				}
			}
		})
	}
}

// The token of the next page is read from an answer that was not decoded.
func TestTokenAhead(t *testing.T) {
	list := func(kind string, list runtime.Object) []byte {
		return encoded(t, schema.GroupVersionKind{Version: "v1", Kind: kind}, list)
	}
	left := int64(3)
	more := metav1.ListMeta{ResourceVersion: "7", Continue: "b+/=", RemainingItemCount: &left}
	for name, test := range map[string]struct {
		body []byte
		want string
	}{
		"objects":   {list("PodList", &corev1.PodList{ListMeta: more, Items: make([]corev1.Pod, 2)}), "b+/="},
		"metadata":  {list("PartialObjectMetadataList", &metav1.PartialObjectMetadataList{ListMeta: more}), "b+/="},
		"the last":  {twoPods(t), ""},
		"JSON":      {[]byte(`{"kind":"PodList","metadata":{"continue":"b"}}`), ""},
		"cut short": {twoPods(t)[:9], ""},
		"nothing":   {nil, ""},
	} {
		if got := cluster.TokenAhead(test.body); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
