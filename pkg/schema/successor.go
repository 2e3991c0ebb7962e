// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package schema

import "google.golang.org/protobuf/reflect/protoreflect"

// successor is what the comments of the definitions say to use instead. A test
// holds every name against the definitions, in both directions.
type successor struct {
	// to is the value of the same enumeration, or the field of the same message.
	to protoreflect.Name
	// inside is the field of the new message that takes the old value; empty where
	// the value stays as it is.
	inside string
	// each puts every item of a list inside a message of its own.
	each bool
	// ignored is true for a field that istiod does not read any more.
	ignored bool
}

// successors has no entry for what has no effect and can just go: the targetPort
// of Gateway servers and of Sidecar ports.
var successors = map[protoreflect.FullName]successor{
	"istio.networking.v1alpha3.LoadBalancerSettings.LEAST_CONN":                         {to: "LEAST_REQUEST"},
	"istio.networking.v1alpha3.LoadBalancerSettings.ConsistentHashLB.minimum_ring_size": {to: "ring_hash", inside: "minimumRingSize"},
	"istio.networking.v1alpha3.OutlierDetection.consecutive_errors":                     {to: "consecutive_5xx_errors", ignored: true},
	"istio.networking.v1alpha3.HTTPRoute.mirror_percent":                                {to: "mirror_percentage", inside: "value"},
	"istio.networking.v1alpha3.HTTPFaultInjection.Delay.percent":                        {to: "percentage", inside: "value"},
	"istio.networking.v1alpha3.CorsPolicy.allow_origin":                                 {to: "allow_origins", inside: "exact", each: true},
}

// instead returns the field that replaces another one, and what to write there.
func instead(field protoreflect.FieldDescriptor, v any) (name string, becomes any) {
	next, known := successors[field.FullName()]
	if !known {
		return "", nil
	}
	name = field.ContainingMessage().Fields().ByName(next.to).JSONName()
	switch items, isList := v.([]any); {
	case next.inside == "":
		return name, v
	case !next.each:
		return name, map[string]any{next.inside: v}
	case isList:
		out := make([]any, len(items))
		for i, item := range items {
			out[i] = map[string]any{next.inside: item}
		}
		return name, out
	}
	return name, nil
}
