// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// transports are the protocols of Kubernetes, by their short names.
var transports = []string{"tcp", "udp", "sctp"}

// ParsePort reads a port as a command line writes it: [NAME=]PORT[:TARGET][/PROTO].
// PROTO is tcp, udp or sctp, or what is spoken on the port: http, grpc, redis and
// so on. Without a name the port gets that of what is spoken, which is http where
// nothing else is said. The error is of kind Usage.
func ParsePort(text string) (name string, p api.SystemPort, err error) {
	const hint = "8080, 80:8080, grpc=9000, 53/udp or redis=6379/redis"
	name, rest, named := strings.Cut(text, "=")
	if !named {
		name, rest = "", text
	}
	rest, protocol, _ := strings.Cut(rest, "/")
	number, target, hasTarget := strings.Cut(rest, ":")
	if p.Port, err = portNumber(number); err == nil && hasTarget {
		p.Target, err = portNumber(target)
	}
	if err != nil || named && name == "" || strings.HasSuffix(text, "/") {
		return "", p, fault.Usagef("expected a port as [NAME=]PORT[:TARGET][/PROTO], found %q", text).Try(hint)
	}
	switch {
	case slices.Contains(transports, protocol):
		p.Protocol = strings.ToUpper(protocol)
		if protocol == "tcp" && spoken(name) == "http" && !strings.HasPrefix(name, "http") {
			p.AppProtocol = "tcp" // not what the name, which says nothing, would be taken for
		}
	case slices.Contains(appProtocols, protocol):
		p.AppProtocol = protocol
	case protocol != "":
		known := slices.Compact(slices.Sorted(slices.Values(slices.Concat(transports, appProtocols))))
		e := fault.Usagef("expected a protocol (%s), found %q", strings.Join(known, ", "), protocol).Try(hint)
		if near := ref.Closest(protocol, known); len(near) > 0 {
			e.Hint = "did you mean " + near[0] + "?"
		}
		return "", p, e
	}
	if name == "" {
		name = strings.TrimPrefix(protocol, "kubernetes.io/")
		if name == "" {
			name = "http"
		}
	}
	return name, p, nil
}

func portNumber(text string) (int32, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err == nil && n == 0 {
		err = strconv.ErrRange
	}
	return int32(n), err
}

// ParseScale reads bounds of the number of pods: MIN..MAX[:cpu=PERCENT]. The
// error is of kind Usage.
func ParseScale(text string) (api.Scale, error) {
	fail := func() (api.Scale, error) {
		return api.Scale{}, fault.Usagef("expected bounds of the number of pods as MIN..MAX[:cpu=PERCENT], found %q", text).Try("3..10:cpu=70")
	}
	bounds, aim, hasAim := strings.Cut(text, ":")
	low, high, both := strings.Cut(bounds, "..")
	var numbers [3]int32
	fields := []string{low, high}
	if hasAim {
		percent, isCPU := strings.CutPrefix(aim, "cpu=")
		if !isCPU {
			return fail()
		}
		fields = append(fields, strings.TrimSuffix(percent, "%"))
	}
	for i, field := range fields {
		n, err := strconv.ParseUint(field, 10, 31)
		if err != nil || !both || n == 0 {
			return fail()
		}
		numbers[i] = int32(n)
	}
	return api.Scale{Min: numbers[0], Max: numbers[1], CPU: numbers[2]}, nil
}

// ParseHealth reads how to ask for health: LIVE[,READY], each a path, "grpc" or
// "tcp"; or "exec:COMMAND", which may have commas in it.
func ParseHealth(text string) api.Health {
	if strings.HasPrefix(text, healthExec) {
		return api.Health{Live: text}
	}
	live, ready, _ := strings.Cut(text, ",")
	return api.Health{Live: live, Ready: ready}
}
