// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// apiGroup stands for the list of groups in errors.
const apiGroup = "APIGroup"

// Groups returns the API groups that the cluster serves, in one request, so that
// no list has to find out version by version that a group is not there. The
// core group is not among them.
func (c *Client) Groups(ctx context.Context) (map[string]bool, error) {
	var list metav1.APIGroupList
	if err := c.rest.Get().AbsPath("/apis").Do(ctx).Into(&list); err != nil {
		return nil, c.explain(ctx, err, "discover", ref.Ref{Kind: apiGroup})
	}
	out := make(map[string]bool, len(list.Groups))
	for _, g := range list.Groups {
		out[g.Name] = true
	}
	return out, nil
}
