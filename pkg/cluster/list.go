// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"bytes"
	"context"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/client-go/rest"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// DefaultChunk is how many objects one answer holds, as with kubectl.
const DefaultChunk = 500

// What the client accepts. Protobuf takes the server a third of the time of
// JSON and a tenth of the client's; kinds of CRDs have none, and a server or
// proxy that does not know it answers with the JSON named second.
const (
	acceptTyped = runtime.ContentTypeProtobuf + "," + runtime.ContentTypeJSON
	asMetadata  = ";as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
	acceptMeta  = runtime.ContentTypeProtobuf + asMetadata + "," + runtime.ContentTypeJSON + asMetadata
)

// ListOptions narrow a list.
type ListOptions struct {
	// Namespace is empty for all namespaces and for cluster-scoped kinds.
	Namespace string
	// Labels and Fields select objects on the server; nil selects all.
	Labels labels.Selector
	Fields fields.Selector
	// Chunk is how many objects one answer holds: 0 is DefaultChunk, negative
	// asks for all at once.
	Chunk int
	// ManagedFields keeps metadata.managedFields, which are often half of an
	// object and of use only to find out who wrote a field.
	ManagedFields bool
	// MetadataOnly leaves out all but metadata, so that the contents of Secrets
	// never leave the server.
	MetadataOnly bool
	// Slim leaves out what only says who wrote an object: metadata.managedFields
	// whatever ManagedFields says, and the copy of the object that kubectl apply
	// keeps in an annotation. The pods of a controller then share what is equal in
	// them, to save memory.
	Slim bool
	// Share is what objects share with those of other lists, with Slim; nil lets
	// them share within this one.
	Share *Sharer
}

// List reads all objects of a kind, page by page. It asks for the versions of
// the kind in their order and remembers the one that is served; no discovery is
// needed. If none is, errors.Is(err, ErrNotServed) holds; if reading them is not
// allowed, apierrors.IsForbidden does.
func (c *Client) List(ctx context.Context, k *model.Kind, o ListOptions) ([]*model.Object, error) {
	what := ref.Ref{Group: k.Group, Kind: k.Kind, Namespace: o.Namespace}
	if !k.Namespaced {
		o.Namespace, what.Namespace = "", ""
	}
	for _, v := range c.versions(k.GroupKind) {
		objects, err := c.listAll(ctx, k, v, o)
		if err == nil {
			c.served.Store(k.GroupKind, v)
			return objects, nil
		}
		if !apierrors.IsNotFound(err) { // a list is never "not found" but for its kind
			return nil, c.explain(ctx, err, "list", what)
		}
	}
	return nil, c.explain(ctx, ErrNotServed, "list", what)
}

// listAll reads the pages of one version. Pages hang together by a token that
// the server forgets after some minutes (410 Gone). Then what was read so far
// is no consistent list and is dropped: the second attempt is paged again, the
// third asks for everything at once, which cannot expire.
func (c *Client) listAll(ctx context.Context, k *model.Kind, version string, o ListOptions) ([]*model.Object, error) {
	if o.Chunk == 0 {
		o.Chunk = DefaultChunk
	}
	for attempt := 1; ; attempt++ {
		if attempt == 3 {
			o.Chunk = -1
		}
		objects, err := c.listPages(ctx, k, version, o)
		if attempt < 3 && (apierrors.IsResourceExpired(err) || apierrors.IsGone(err)) {
			continue
		}
		return objects, err
	}
}

// listPages reads one page after the other. Where an answer tells the token of the
// next page before it is decoded, the server works on that one meanwhile.
func (c *Client) listPages(ctx context.Context, k *model.Kind, version string, o ListOptions) ([]*model.Object, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // of a page that is not wanted any more
	ask := func(token string) <-chan rest.Result {
		request := o.set(c.rest.Get().AbsPath(segments(k.Group, version, o.Namespace, k.Resource)...), k)
		if token != "" {
			request.Param("continue", token)
		}
		answer := make(chan rest.Result, 1)
		go func() { answer <- request.Do(ctx) }()
		return answer
	}
	var all []*model.Object
	decode := decoder(k, version, o)
	for answer := ask(""); ; {
		r := <-answer
		body, _ := r.Raw() // that of a failure is none in protobuf, or no list
		ahead := tokenAhead(body)
		if ahead != "" {
			answer = ask(ahead)
		}
		page, next, err := decode(r)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if next == "" {
			return all, nil
		}
		if next != ahead {
			answer = ask(next)
		}
	}
}

func (o ListOptions) set(r *rest.Request, k *model.Kind) *rest.Request {
	switch {
	case o.MetadataOnly:
		r.SetHeader("Accept", acceptMeta)
	case k.BuiltIn():
		r.SetHeader("Accept", acceptTyped)
	}
	if o.Chunk > 0 {
		r.Param("limit", strconv.Itoa(o.Chunk))
	}
	if o.Labels != nil && !o.Labels.Empty() {
		r.Param("labelSelector", o.Labels.String())
	}
	if o.Fields != nil && !o.Fields.Empty() {
		r.Param("fieldSelector", o.Fields.String())
	}
	return r
}

// decoder returns how to read a page: its objects and the token of the next.
func decoder(k *model.Kind, version string, o ListOptions) func(rest.Result) ([]*model.Object, string, error) {
	switch {
	case o.MetadataOnly:
		return func(r rest.Result) ([]*model.Object, string, error) { return metadataPage(r, k, version, o) }
	case k.BuiltIn():
		if o.Share == nil {
			o.Share = &Sharer{} // over all pages
		}
		return func(r rest.Result) ([]*model.Object, string, error) { return typedPage(r, k, version, o) }
	}
	return func(r rest.Result) ([]*model.Object, string, error) { return jsonPage(r, k, version, o) }
}

// typedPage decodes a page of a built-in kind straight into its Go type.
// Where the page is JSON and one object in it does not fit, the page is taken as
// it is: building a Snapshot converts the objects one by one and reports that one.
func typedPage(r rest.Result, k *model.Kind, version string, o ListOptions) ([]*model.Object, string, error) {
	if err := r.Error(); err != nil {
		return nil, "", err
	}
	body, _ := r.Raw() // its error was looked at
	list, decoded := decodeList(body, k, o.ManagedFields && !o.Slim)
	if !decoded {
		list = k.NewList()
		if err := r.Into(list); err != nil {
			if bytes.HasPrefix(body, []byte("{")) {
				return jsonPage(r, k, version, o)
			}
			return nil, "", err
		}
	}
	page, err := meta.ListAccessor(list)
	if err != nil {
		return nil, "", err
	}
	var out []*model.Object
	err = meta.EachListItem(list, func(item runtime.Object) error {
		m, err := meta.Accessor(item)
		if err != nil {
			return err
		}
		if !o.ManagedFields || o.Slim {
			m.SetManagedFields(nil)
		}
		if annotations := m.GetAnnotations(); o.Slim && annotations[corev1.LastAppliedConfigAnnotation] != "" {
			delete(annotations, corev1.LastAppliedConfigAnnotation)
			m.SetAnnotations(annotations)
		}
		if o.Slim {
			o.Share.share(item)
		}
		out = append(out, model.FromTyped(k, item, m.GetNamespace(), m.GetName()))
		return nil
	})
	return out, page.GetContinue(), err
}

// jsonPage decodes a page of a custom resource and keeps every field of it.
func jsonPage(r rest.Result, k *model.Kind, version string, o ListOptions) ([]*model.Object, string, error) {
	if err := r.Error(); err != nil {
		return nil, "", err
	}
	body, err := r.Raw()
	if err != nil {
		return nil, "", err
	}
	var list struct {
		Metadata metav1.ListMeta  `json:"metadata"`
		Items    []map[string]any `json:"items"`
	}
	if err := utiljson.Unmarshal(body, &list); err != nil {
		return nil, "", err
	}
	out := make([]*model.Object, 0, len(list.Items))
	for _, raw := range list.Items {
		if raw == nil { // null, which no object is
			continue
		}
		out = append(out, fromRaw(raw, k, version, o))
	}
	return out, list.Metadata.Continue, nil
}

func metadataPage(r rest.Result, k *model.Kind, version string, o ListOptions) ([]*model.Object, string, error) {
	var list metav1.PartialObjectMetadataList
	if err := r.Into(&list); err != nil {
		return nil, "", err
	}
	out := make([]*model.Object, 0, len(list.Items))
	for i := range list.Items {
		list.Items[i].TypeMeta = metav1.TypeMeta{} // PartialObjectMetadata, not what the object is
		raw, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&list.Items[i])
		if err != nil {
			return nil, "", err
		}
		out = append(out, fromRaw(raw, k, version, o))
	}
	return out, list.Continue, nil
}

func fromRaw(raw map[string]any, k *model.Kind, version string, o ListOptions) *model.Object {
	if raw["kind"] == nil || raw["apiVersion"] == nil {
		raw["kind"], raw["apiVersion"] = k.Kind, k.GVR(version).GroupVersion().String()
	}
	m, _ := raw["metadata"].(map[string]any)
	if !o.ManagedFields || o.Slim {
		delete(m, "managedFields")
	}
	if annotations, ok := m["annotations"].(map[string]any); ok && o.Slim {
		delete(annotations, corev1.LastAppliedConfigAnnotation)
	}
	return model.FromRaw(raw, "")
}
