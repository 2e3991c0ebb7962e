// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// DefaultLogBytes is how much of a log is read when the caller sets no limit.
const DefaultLogBytes = 1 << 20

// Logs returns the end of what a container has written: the last tailLines lines
// (all of them if negative), of these the first limitBytes bytes (DefaultLogBytes
// if not positive). With previous it is the run before the last restart; where
// there was none, the server's refusal is the error. An empty container is the
// only one of the pod. Bytes that are not UTF-8 are replaced.
func (c *Client) Logs(ctx context.Context, namespace, pod, container string, previous bool, tailLines, limitBytes int64) (string, error) {
	object := ref.Ref{Version: "v1", Kind: model.Pods.Kind.Kind, Namespace: namespace, Name: pod}
	where, err := c.path(ctx, object)
	if err != nil {
		return "", err
	}
	if limitBytes <= 0 {
		limitBytes = DefaultLogBytes
	}
	r := c.rest.Get().AbsPath(append(where, pod, "log")...).Param("limitBytes", strconv.FormatInt(limitBytes, 10))
	if container != "" {
		r.Param("container", container)
	}
	if previous {
		r.Param("previous", "true")
	}
	if tailLines >= 0 {
		r.Param("tailLines", strconv.FormatInt(tailLines, 10))
	}
	body, err := r.Stream(ctx)
	if err != nil {
		return "", c.explainLogs(ctx, err, object)
	}
	defer body.Close()
	data, err := io.ReadAll(io.LimitReader(body, limitBytes)) // the server counts too, a proxy may not
	if err != nil {
		return "", c.explainLogs(ctx, err, object)
	}
	return strings.ToValidUTF8(string(data), "\uFFFD"), nil
}

func (c *Client) explainLogs(ctx context.Context, err error, pod ref.Ref) error {
	err = c.explain(ctx, err, "read the log of", pod)
	var f *fault.Error
	if errors.As(err, &f) && apierrors.IsForbidden(err) {
		f.Hint = "kubectl auth can-i get pods --subresource=log -n " + pod.Namespace
	}
	return err
}
