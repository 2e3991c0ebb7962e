// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// LogOptions say what of a container's log is read.
type LogOptions struct {
	Container string
	// Follow goes on with what the container writes later, until it ends.
	Follow bool
	// Previous is the run before the last restart.
	Previous bool
	// Since leaves out lines from before; zero takes all. Servers look at its
	// seconds only.
	Since time.Time
	// Tail is how many of the last lines are read; negative is all.
	Tail int64
}

// LogStream opens the log of a container. Every line begins with the time at
// which the container's runtime took it (RFC 3339 with nanoseconds) and a blank.
// The caller closes it; the end of ctx ends it as well.
func (c *Client) LogStream(ctx context.Context, namespace, pod string, o LogOptions) (io.ReadCloser, error) {
	object := ref.Ref{Version: "v1", Kind: model.Pods.Kind.Kind, Namespace: namespace, Name: pod}
	where, err := c.path(ctx, object)
	if err != nil {
		return nil, err
	}
	r := c.rest.Get().AbsPath(append(where, pod, "log")...).Param("timestamps", "true")
	if o.Container != "" {
		r.Param("container", o.Container)
	}
	if o.Follow {
		r.Param("follow", "true")
	}
	if o.Previous {
		r.Param("previous", "true")
	}
	if !o.Since.IsZero() {
		r.Param("sinceTime", o.Since.UTC().Format(time.RFC3339))
	}
	if o.Tail >= 0 {
		r.Param("tailLines", strconv.FormatInt(o.Tail, 10))
	}
	// The end of a stream is for the caller to judge: a retry within would begin anew.
	body, err := r.MaxRetries(0).Stream(ctx)
	if err == nil {
		return body, nil
	}
	err = c.explainLogs(ctx, err, object)
	var f *fault.Error
	if errors.As(err, &f) && o.Container != "" {
		f.Where = "container " + o.Container
	}
	return nil, err
}
