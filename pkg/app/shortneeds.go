// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"net/netip"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// ParseBacking reads what a service calls in the cluster, as a command line writes
// it: NAME[.NAMESPACE]:PORT[/PROTO], where NAMESPACE is the given one by default
// and PROTO is how URLs begin. The error is of kind Usage.
func ParseBacking(text, namespace string) (name string, b api.Backing, err error) {
	rest, protocol, hasProtocol := strings.Cut(text, "/")
	host, number, _ := strings.Cut(rest, ":")
	name, in, elsewhere := strings.Cut(host, ".")
	if elsewhere {
		namespace = in
	}
	b.Port, err = portNumber(number)
	if err != nil || hasProtocol && protocol == "" || len(validation.IsDNS1035Label(name)) > 0 || len(validation.IsDNS1123Label(namespace)) > 0 {
		return "", api.Backing{}, fault.Usagef("expected a Service as NAME[.NAMESPACE]:PORT[/PROTO], found %q", text).Try("users:8080/http, or redis.data:6379/redis")
	}
	if protocol == "udp" || protocol == "sctp" {
		return "", api.Backing{}, fault.Usagef("expected what is spoken over TCP, found %q in %q", protocol, text).Try("%s/tcp", rest)
	}
	b.Host, b.Protocol = name+"."+namespace+".svc", protocol
	return name, b, nil
}

// ParseExternal reads what a service calls outside of the cluster, as a command
// line writes it: NAME=HOST:PORT[/PROTO]. An IPv6 address is in brackets. The
// error is of kind Usage.
func ParseExternal(text string) (name string, e api.External, err error) {
	name, rest, named := strings.Cut(text, "=")
	rest, protocol, hasProtocol := strings.Cut(rest, "/")
	if colon := strings.LastIndexByte(rest, ':'); colon >= 0 {
		e.Host = rest[:colon]
		e.Port, err = portNumber(rest[colon+1:])
	}
	if bare, bracketed := strings.CutPrefix(e.Host, "["); bracketed {
		e.Host = strings.TrimSuffix(bare, "]")
		_, notIP := netip.ParseAddr(e.Host)
		named = named && notIP == nil && len(e.Host) == len(bare)-1
	} else if strings.Contains(e.Host, ":") {
		named = false // which of the colons is before the port?
	}
	if err != nil || !named || name == "" || e.Host == "" || e.Port == 0 || hasProtocol && protocol == "" {
		return "", api.External{}, fault.Usagef("expected what is outside as NAME=HOST:PORT[/PROTO], found %q", text).Try("payments=api.payments.example.com:443/https")
	}
	e.Protocol = protocol
	return name, e, nil
}

// ParseVolume reads what each pod of a stateful service keeps, as a command line
// writes it: NAME=/DIRECTORY:SIZE[:CLASS]. The error is of kind Usage.
func ParseVolume(text string) (api.Volume, error) {
	name, rest, named := strings.Cut(text, "=")
	parts := strings.Split(rest, ":")
	if !named || name == "" || len(parts) < 2 || len(parts) > 3 || !strings.HasPrefix(parts[0], "/") || parts[len(parts)-1] == "" {
		return api.Volume{}, fault.Usagef("expected a volume as NAME=/DIRECTORY:SIZE[:CLASS], found %q", text).Try("data=/var/lib/data:10Gi")
	}
	if _, err := resource.ParseQuantity(parts[1]); err != nil {
		return api.Volume{}, fault.Usagef("expected a size of the volume %s, found %q", name, parts[1]).Try("%s=%s:10Gi", name, parts[0])
	}
	v := api.Volume{Name: name, Mount: parts[0], Size: parts[1]}
	if len(parts) == 3 {
		v.Class = parts[2]
	}
	return v, nil
}

// ParseSecret reads which Secret is mounted where, as a command line writes it:
// SECRET=/DIRECTORY[@STORE/KEY], with the source that the External Secrets
// Operator makes it of. A value is none of it. The error is of kind Usage.
func ParseSecret(text string) (api.SecretFiles, error) {
	name, rest, both := strings.Cut(text, "=")
	dir, external, hasExternal := strings.Cut(rest, "@")
	if !both || name == "" || !strings.HasPrefix(dir, "/") || hasExternal && external == "" {
		hint := suggest(name)
		if hint == "" {
			hint = "db"
		}
		found := "no directory"
		if !both {
			found = "only " + name // what is behind = may be a secret, and belongs into no log
		}
		return api.SecretFiles{}, fault.Usagef("expected the name of a Secret and a directory, SECRET=/DIRECTORY[@STORE/KEY], found %s", found).
			Try("%s=/var/run/%s", hint, hint)
	}
	return api.SecretFiles{Name: name, Mount: dir, External: external}, nil
}

// ParseMetrics reads where Prometheus reads, as a command line writes it:
// PORT-NAME[:PATH]. The error is of kind Usage.
func ParseMetrics(text string) (api.Metrics, error) {
	name, path, hasPath := strings.Cut(text, ":")
	if name == "" || hasPath && !strings.HasPrefix(path, "/") {
		return api.Metrics{}, fault.Usagef("expected where metrics are as PORT-NAME[:PATH], found %q", text).Try("http:/metrics")
	}
	return api.Metrics{Port: name, Path: path}, nil
}
