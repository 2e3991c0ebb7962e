// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// resource is what a URL needs to know about a kind.
type resource struct {
	plural     string
	namespaced bool
}

// resource finds the URL of a kind: kinds of the model are known, others are
// looked up in the discovery document of their group and version, once.
func (c *Client) resource(ctx context.Context, object ref.Ref) (resource, error) {
	if k, known := model.KindFor(object.GroupKind()); known {
		return resource{k.Resource, k.Namespaced}, nil
	}
	key := ref.Ref{Group: object.Group, Version: object.Version, Kind: object.Kind}
	if r, found := c.plurals.Load(key); found {
		return r.(resource), nil
	}
	where := segments(object.Group, object.Version, "", "")
	var list metav1.APIResourceList
	if err := c.rest.Get().AbsPath(where[:len(where)-1]...).Do(ctx).Into(&list); err != nil {
		return resource{}, c.explain(ctx, err, "find the resource of", key)
	}
	for _, r := range list.APIResources {
		if r.Kind == object.Kind && !strings.Contains(r.Name, "/") {
			found := resource{r.Name, r.Namespaced}
			c.plurals.Store(key, found)
			return found, nil
		}
	}
	return resource{}, fault.Usagef("the cluster serves no kind %s in %s", object.Kind, object.APIVersion()).
		Because(ErrNotServed).Try("kubectl api-resources --api-group=%s", object.Group)
}

// versions are the versions to ask for, the likeliest first.
func (c *Client) versions(gk ref.GroupKind) []string {
	k, known := model.KindFor(gk)
	if !known {
		return nil
	}
	if v, found := c.served.Load(gk); found {
		return prefer(k.Versions, v.(string))
	}
	return k.Versions
}
