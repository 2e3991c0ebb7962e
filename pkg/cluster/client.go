// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package cluster is the way to an API server: one connection over which
// objects are listed, read and written, and the sink that carries out a plan.
//
// Writes never overwrite what somebody else wrote in the meantime: a patch is
// tied to the resourceVersion it was computed from, a lost race is decided by
// looking at the leaves in question, and what was written is read back. A
// conflict names the field manager that holds the field.
package cluster

import (
	"context"
	"encoding/json"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Client talks to one API server. It holds one HTTP client, so that everything
// a command asks for shares one HTTP/2 connection, and it sets no rate limit of
// its own: the server's priority and fairness is the one that knows the load.
// It is safe for concurrent use.
type Client struct {
	rest *rest.RESTClient
	// host is the server as the user configured it, for messages.
	host string
	// served remembers the version that the server answered for a kind, and
	// plurals what discovery said about kinds outside the model.
	served  sync.Map // ref.GroupKind -> string
	plurals sync.Map // ref.GroupKind+version -> resource
	meter   *meter
}

// New returns a client for the server of config. Wrappers (headers, traces),
// the warning handler, timeouts and credentials of config are kept.
func New(config *rest.Config) (*Client, error) {
	c := rest.CopyConfig(config)
	c.QPS = -1
	c.RateLimiter = nil
	c.APIPath = "/api"
	c.GroupVersion = nil
	c.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	c.ContentType = runtime.ContentTypeJSON
	c.AcceptContentTypes = runtime.ContentTypeJSON
	if c.UserAgent == "" {
		c.UserAgent = rest.DefaultKubernetesUserAgent()
	}
	m := &meter{}
	c.Wrap(m.wrap)
	httpClient, err := rest.HTTPClientFor(c)
	if err != nil {
		return nil, configError(err)
	}
	client, err := rest.UnversionedRESTClientForConfigAndClient(c, httpClient)
	if err != nil {
		return nil, configError(err)
	}
	return &Client{rest: client, host: c.Host, meter: m}, nil
}

func configError(err error) error {
	return fault.Failedf("the connection to the cluster is not configured right").Because(err).
		Try("kubectl config view --minify")
}

// WriteOptions go with every write.
type WriteOptions struct {
	// Manager is the field manager the server records.
	Manager string
	// DryRun lets the server do everything but store the result.
	DryRun bool
	// Force takes over fields that another manager owns (server-side apply only).
	Force bool
}

func (o WriteOptions) set(r *rest.Request) *rest.Request {
	if o.Manager != "" {
		r.Param("fieldManager", o.Manager)
	}
	if o.DryRun {
		r.Param("dryRun", "All")
	}
	if o.Force {
		r.Param("force", "true")
	}
	return r
}

// Get reads one object, whatever version of it the server serves. An object
// that does not exist is an error for which apierrors.IsNotFound holds.
func (c *Client) Get(ctx context.Context, object ref.Ref) (map[string]any, error) {
	versions := []string{object.Version}
	if object.Version == "" {
		versions = c.versions(object.GroupKind())
	}
	for _, v := range versions {
		object.Version = v
		out, err := c.do(ctx, c.rest.Get(), object, "get")
		if err == nil || !isNotServed(err) {
			return out, err
		}
	}
	return nil, c.explain(ctx, ErrNotServed, "get", object)
}

// Patch sends a patch of the given type and returns the object as stored, or
// as it would be stored in a dry run.
func (c *Client) Patch(ctx context.Context, object ref.Ref, kind types.PatchType, body any, o WriteOptions) (map[string]any, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return nil, fault.Failedf("cannot encode the patch of %s", object).Because(err)
	}
	verb := "patch"
	if kind == types.ApplyYAMLPatchType {
		verb = "apply"
	}
	return c.do(ctx, o.set(c.rest.Patch(kind).Body(data)), object, verb)
}

// Preconditions tie a deletion to what was read; empty fields are not checked.
type Preconditions struct {
	UID             string `json:"uid,omitempty"`
	ResourceVersion string `json:"resourceVersion,omitempty"`
}

// Delete removes an object. An object that does not exist is an error for which
// apierrors.IsNotFound holds.
func (c *Client) Delete(ctx context.Context, object ref.Ref, p Preconditions, o WriteOptions) error {
	options := map[string]any{"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": p}
	if o.DryRun {
		// In the body: beside one, the server does not look at the query, and
		// would delete in earnest.
		options["dryRun"] = []string{"All"}
	}
	data, err := json.Marshal(options)
	if err != nil {
		return fault.Failedf("cannot encode the deletion of %s", object).Because(err)
	}
	request := c.rest.Delete().Body(data).SetHeader("Content-Type", runtime.ContentTypeJSON)
	_, err = c.do(ctx, request, object, "delete")
	return err
}

// do sends a request for one object and decodes the answer.
func (c *Client) do(ctx context.Context, r *rest.Request, object ref.Ref, verb string) (map[string]any, error) {
	where, err := c.path(ctx, object)
	if err != nil {
		return nil, err
	}
	result := r.AbsPath(append(where, object.Name)...).Do(ctx)
	if err := result.Error(); err != nil {
		return nil, c.explain(ctx, err, verb, object)
	}
	body, err := result.Raw()
	if err != nil {
		return nil, c.explain(ctx, err, verb, object)
	}
	var out map[string]any
	if err := utiljson.Unmarshal(body, &out); err != nil {
		return nil, fault.Failedf("cannot %s %s: expected JSON from %s", verb, object, c.host).Because(err)
	}
	return out, nil
}

// path returns the segments of an object's collection.
func (c *Client) path(ctx context.Context, object ref.Ref) ([]string, error) {
	for _, name := range []string{object.Namespace, object.Name} {
		if bad := content.IsPathSegmentName(name); len(bad) > 0 {
			return nil, fault.Usagef("%q is not a valid name: %s", name, bad[0])
		}
	}
	if object.Name == "" {
		return nil, fault.Usagef("expected a %s with a name, found one without", object.Kind)
	}
	where, err := c.resource(ctx, object)
	if err != nil {
		return nil, err
	}
	if where.namespaced && object.Namespace == "" {
		return nil, fault.Usagef("expected a namespace for %s, found none", object).Try("add -n NAMESPACE")
	}
	if !where.namespaced {
		object.Namespace = ""
	}
	return segments(object.Group, object.Version, object.Namespace, where.plural), nil
}

// segments is the path of a collection; the namespace is empty for all of them.
func segments(group, version, namespace, plural string) []string {
	out := []string{"apis", group, version}
	if group == "" {
		out = []string{"api", version}
	}
	if namespace != "" {
		out = append(out, "namespaces", namespace)
	}
	return append(out, plural)
}

// prefer puts one item of a list first.
func prefer(list []string, first string) []string {
	out := []string{first}
	return append(out, slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == first })...)
}
