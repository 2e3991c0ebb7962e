// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// ErrNotServed is the cause of an error about a kind that the server does not
// serve in any version the suite knows.
var ErrNotServed = errors.New("the cluster does not serve this kind")

// explain gives an error of the server, or of the way to it, its kind, the
// object in question and a hint. The server's own words stay in it. An object
// without a name stands for all of its kind in its namespace.
func (c *Client) explain(ctx context.Context, err error, verb string, object ref.Ref) error {
	what := "cannot " + verb + " " + describe(object)
	if object.Kind == apiGroup {
		what = "cannot read which APIs there are"
	}
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		// The command line knows how long was given, and has the words.
		return fault.New(fault.Timeout, "%s: no answer yet from %s", what, c.host).Because(ctx.Err())
	case ctx.Err() != nil:
		// Not typed: only the command line knows which signal it was.
		return fmt.Errorf("%s: %w", what, ctx.Err())
	}
	f := &fault.Error{Kind: fault.Failed, Message: what, Cause: err}
	switch {
	case errors.Is(err, ErrNotServed):
		return f.Try("kubectl api-resources --api-group=%s", object.Group)
	case apierrors.IsUnauthorized(err):
		return f.Try("the server does not accept the credentials of this context: log in again, then kubectl auth whoami")
	case apierrors.IsForbidden(err):
		return f.Try("kubectl auth can-i %s", canI(verb, object))
	case isNotServed(err):
		f.Cause = fmt.Errorf("%w (%w)", ErrNotServed, err)
		return f.Try("kubectl api-resources --api-group=%s", object.Group)
	case apierrors.IsNotFound(err):
		f.Kind = fault.Usage
		return f
	case isOwned(err), apierrors.IsConflict(err), apierrors.IsAlreadyExists(err):
		f.Kind = fault.Conflict
		return f
	}
	return c.unreachable(f, err)
}

// unreachable tells the user where the server was looked for when no answer
// came from it.
func (c *Client) unreachable(f *fault.Error, err error) error {
	var broken *url.Error
	found := errors.As(err, &broken)
	if errors.Is(err, context.DeadlineExceeded) || (found && broken.Timeout()) {
		f.Kind = fault.Timeout
		return f.Try("the server at %s did not answer in time; raise --request-timeout", c.host)
	}
	if !found {
		return f
	}
	f.Message, f.Cause = fmt.Sprintf("%s: cannot reach the API server at %s", f.Message, c.host), unanswered{broken.Err}
	return f.Try("kubectl cluster-info; kubectl config current-context")
}

// ErrUnreachable is what errors.Is finds in the error of a request that got no
// answer: no connection, no such host, no trust in the certificate.
var ErrUnreachable = errors.New("the API server cannot be reached")

// unanswered is ErrUnreachable with the words, and the causes, of the network.
type unanswered struct{ error }

func (e unanswered) Unwrap() error      { return e.error }
func (unanswered) Is(target error) bool { return target == ErrUnreachable }

// IsPartial reports whether a failed request says nothing about other requests:
// the server answered that it cannot serve this one (an aggregated API that is
// down, a conversion webhook that fails), sent what cannot be decoded, or took
// longer than the time for one request. Without a connection, with credentials
// that are not accepted, and after the end of ctx, the others fail as well.
func IsPartial(err error) bool {
	return err != nil && !errors.Is(err, context.Canceled) && !apierrors.IsUnauthorized(err) && !errors.Is(err, ErrUnreachable)
}

// describe names an object, or the objects of a kind.
func describe(object ref.Ref) string {
	if object.Name != "" {
		return object.String()
	}
	what := object.Kind
	if k, known := model.KindFor(object.GroupKind()); known {
		what = k.Resource
	}
	if object.Namespace == "" {
		return what
	}
	return what + " in namespace " + object.Namespace
}

func canI(verb string, object ref.Ref) string {
	if verb == "apply" {
		verb = "patch" // what the server calls it
	}
	if object.Namespace == "" {
		return verb + " " + typed(object) + " -A"
	}
	return verb + " " + typed(object) + " -n " + object.Namespace
}

// typed is an object, or its kind, as kubectl's argument.
func typed(object ref.Ref) string {
	what := strings.ToLower(object.Kind)
	if k, known := model.KindFor(object.GroupKind()); known {
		what = k.Resource
	}
	if object.Group != "" {
		what += "." + object.Group
	}
	if object.Name != "" {
		what += "/" + object.Name
	}
	return what
}

// status returns the server's own description of a failure, if there is one.
func status(err error) (metav1.Status, bool) {
	var s apierrors.APIStatus
	if !errors.As(err, &s) {
		return metav1.Status{}, false
	}
	return s.Status(), true
}

// isNotServed tells "no such kind or version" from "no such object", both 404:
// only for an object does the server name it in the details. For a path it does
// not know, it sends a plain page.
func isNotServed(err error) bool {
	if errors.Is(err, ErrNotServed) {
		return true
	}
	s, ok := status(err)
	return ok && apierrors.IsNotFound(err) && (s.Details == nil || s.Details.Name == "")
}

// isOwned reports a server-side apply that met fields of another manager.
func isOwned(err error) bool {
	return apierrors.HasStatusCause(err, metav1.CauseTypeFieldManagerConflict)
}

// isRaced reports a write that lost against another one. A JSON Patch whose
// test fails, or whose path is gone, is answered with 422 and nothing else: no
// object, no causes (apiserver, endpoints/handlers/patch.go applyJSPatch); a
// value the schema refuses names both. Whether it really was a race only a look
// at the object can tell.
func isRaced(err error) bool {
	if isOwned(err) {
		return false
	}
	if apierrors.IsConflict(err) {
		return true
	}
	s, ok := status(err)
	return ok && apierrors.IsInvalid(err) && (s.Details == nil || (s.Details.Name == "" && len(s.Details.Causes) == 0))
}
