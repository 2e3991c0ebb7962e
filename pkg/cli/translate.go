// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// said is an error of client-go or of the system in words.
type said struct {
	// leaf is the error that text says better; its text is replaced.
	leaf error
	kind fault.Kind
	text string
	// hint is what to do next, may be empty.
	hint string
}

// translate finds the part of err that has a better wording. The order
// matters: a response of the server says more than the request that got it,
// and a network error more than the deadline it also is.
func translate(err error) (said, bool) {
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		if leaf, ok := status.(error); ok {
			return translateStatus(leaf, status.Status()), true
		}
	}
	if s, ok := translateConnection(err); ok {
		return s, true
	}
	var noKind *meta.NoKindMatchError
	if errors.As(err, &noKind) {
		text := "the server does not know the kind " + ref.GroupKind{Group: noKind.GroupKind.Group, Kind: noKind.GroupKind.Kind}.String()
		return said{noKind, fault.Failed, text, "kubectl api-resources --api-group=" + noKind.GroupKind.Group}, true
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return said{context.DeadlineExceeded, fault.Timeout, "the time ran out", ""}, true
	case errors.Is(err, context.Canceled):
		return said{context.Canceled, fault.Interrupted, "interrupted", ""}, true
	}
	return said{}, false
}

// translateStatus words an answer of the API server.
func translateStatus(leaf error, status metav1.Status) said {
	out := said{leaf: leaf, kind: fault.Failed, text: leaf.Error()}
	switch status.Reason {
	case metav1.StatusReasonUnauthorized:
		out.text = "the API server does not accept the credentials (Unauthorized)"
		out.hint = "log in again, then: kubectl auth whoami"
	case metav1.StatusReasonForbidden:
		out.text, out.hint = forbidden(leaf.Error())
	case metav1.StatusReasonConflict, metav1.StatusReasonAlreadyExists:
		out.kind = fault.Conflict
		if status.Reason == metav1.StatusReasonConflict && (status.Details == nil || len(status.Details.Causes) == 0) {
			out.hint = "run the command again, it reads the object anew"
		}
	case metav1.StatusReasonTooManyRequests, metav1.StatusReasonServiceUnavailable,
		metav1.StatusReasonTimeout, metav1.StatusReasonServerTimeout:
		out.hint = "the same command again"
		if status.Details != nil && status.Details.RetryAfterSeconds > 0 {
			out.hint = fmt.Sprintf("the same command again, in %d s", status.Details.RetryAfterSeconds)
		}
	case metav1.StatusReasonInvalid:
		out.text = invalid(leaf.Error(), status.Details)
	}
	return out
}

// denial is how the API server words a refusal of its authorizers. Admission
// plugins refuse with the same reason and other words, which are left alone.
var denial = regexp.MustCompile(`User "(?P<user>[^"]*)" cannot (?P<verb>\S+) resource "(?P<resource>[^"]*)" in API group "(?P<group>[^"]*)"(?: in the namespace "(?P<namespace>[^"]*)"| at the cluster scope)`)

// forbidden says who may not do what, and how to check the right once it is given.
func forbidden(message string) (text, hint string) {
	m := denial.FindStringSubmatch(message)
	if m == nil {
		return message, ""
	}
	user, verb, resource, group, namespace := m[1], m[2], m[3], m[4], m[5]
	if group != "" {
		// kubectl wants the group between the resource and its sub-resource.
		plain, sub, _ := strings.Cut(resource, "/")
		resource = strings.TrimSuffix(plain+"."+group+"/"+sub, "/")
	}
	text = fmt.Sprintf("forbidden: %s may not %s %s", user, verb, resource)
	hint = fmt.Sprintf("ask for the right, then check it: kubectl auth can-i %s %s", verb, resource)
	if namespace == "" {
		return text + " in the whole cluster", hint + " -A"
	}
	return text + " in namespace " + namespace, hint + " -n " + namespace
}

// invalid lists what the server objects to, one line each when there are several.
func invalid(message string, details *metav1.StatusDetails) string {
	if details == nil || len(details.Causes) < 2 {
		return message
	}
	lines := []string{fmt.Sprintf("the server finds %s %q invalid:", details.Kind, details.Name)}
	for _, cause := range details.Causes {
		lines = append(lines, cause.Field+": "+cause.Message)
	}
	return strings.Join(lines, "\n")
}
