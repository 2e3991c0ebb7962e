// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pods

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// probeKind is one of the three probes.
type probeKind struct {
	// word is how the kubelet's events call it, field its JSON Pointer below the
	// container.
	word, field string
	of          func(*corev1.Container) *corev1.Probe
}

// The probes.
var (
	readiness = probeKind{"Readiness", "/readinessProbe", func(c *corev1.Container) *corev1.Probe { return c.ReadinessProbe }}
	liveness  = probeKind{"Liveness", "/livenessProbe", func(c *corev1.Container) *corev1.Probe { return c.LivenessProbe }}
	startup   = probeKind{"Startup", "/startupProbe", func(c *corev1.Container) *corev1.Probe { return c.StartupProbe }}
)

// trouble is what a failing probe met.
type trouble int

// The troubles.
const (
	otherTrouble trouble = iota
	refused
	noAnswer
	badStatus
	wrongProtocol
	notServing
	badName
)

// probeTroubles tell the trouble by the kubelet's words, the more exact first.
var probeTroubles = []struct {
	trouble
	says []string
}{
	{wrongProtocol, []string{"server gave HTTP response to HTTPS client", "malformed HTTP response", "first record does not look like a TLS handshake"}},
	{badStatus, []string{"failed with statuscode"}},
	{refused, []string{"connection refused", "cannot assign requested address"}},
	{notServing, []string{"responded with", "service unhealthy"}},
	{badName, []string{"strconv.Atoi", "invalid port number"}},
	{noAnswer, []string{"deadline exceeded", "timeout", "timed out"}},
}

var statusCode = regexp.MustCompile(`statuscode: (\d{3})`)

// failed is the latest event that a probe of the container failed, and what it
// met; nil if events say nothing.
func (c container) failed(w *rules.World, kind probeKind) (*corev1.Event, trouble) {
	for e := range c.events(w) {
		if e.Reason != "Unhealthy" || !strings.Contains(e.Message, kind.word+" probe") {
			continue
		}
		for _, t := range probeTroubles {
			if _, ok := firstOf(e.Message, t.says...); ok {
				return e, t.trouble
			}
		}
		return e, otherTrouble
	}
	return nil, otherTrouble
}

// describe says what a probe asks, and what it meets.
func describe(p *corev1.Probe, t trouble, message string) string {
	asks := target(p)
	switch t {
	case refused:
		return asks + " meets nothing that listens (connection refused)"
	case badStatus:
		if m := statusCode.FindStringSubmatch(message); m != nil {
			return asks + " is answered with HTTP status " + m[1]
		}
	case wrongProtocol:
		return asks + " meets another protocol: HTTP and HTTPS are mixed up"
	case notServing:
		return asks + " is answered with a status other than SERVING"
	case badName:
		return asks + " names no port of the container"
	case noAnswer:
		return fmt.Sprintf("%s gets no answer within %s", asks, short(seconds(p.TimeoutSeconds, 1)))
	}
	return asks + " fails"
}

// target is what a probe asks.
func target(p *corev1.Probe) string {
	switch {
	case p == nil:
		return "the probe"
	case p.HTTPGet != nil:
		path := p.HTTPGet.Path
		if path == "" {
			path = "/"
		}
		return fmt.Sprintf("GET %s on port %s", path, p.HTTPGet.Port.String())
	case p.TCPSocket != nil:
		return "a connection to port " + p.TCPSocket.Port.String()
	case p.GRPC != nil:
		return fmt.Sprintf("a gRPC health check on port %d", p.GRPC.Port)
	case p.Exec != nil:
		return "its command"
	}
	return "the probe"
}

// seconds is a number of seconds, with the API's default for zero.
func seconds(n, otherwise int32) time.Duration {
	if n <= 0 {
		n = otherwise
	}
	return time.Duration(n) * time.Second
}

// budget is how long a container may fail a probe from its start on.
func budget(p *corev1.Probe) time.Duration {
	return seconds(p.InitialDelaySeconds, 0) + window(p)
}

// window is how long a probe may fail in a row.
func window(p *corev1.Probe) time.Duration {
	times := p.FailureThreshold
	if times <= 0 {
		times = 3
	}
	return time.Duration(times) * seconds(p.PeriodSeconds, 10)
}

// short writes a duration without the zeros that end it: 5m, not 5m0s.
func short(d time.Duration) string {
	s := d.Round(time.Second).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// startBudget is what a new startupProbe gives a program to come up.
const startBudget = 5 * time.Minute

// startupFix gives a container a startupProbe that asks what its livenessProbe
// does, for longer.
func startupFix(of *model.Workload, c *corev1.Container, at string) []rules.Fix {
	asks, err := patch.Get(of.Raw(), at+"/livenessProbe")
	probe, ok := asks.(map[string]any)
	if err != nil || !ok || c.LivenessProbe == nil {
		return nil
	}
	first := map[string]any{}
	for _, handler := range []string{"httpGet", "tcpSocket", "grpc", "exec", "timeoutSeconds"} {
		if v, ok := probe[handler]; ok {
			first[handler] = v
		}
	}
	period := seconds(c.LivenessProbe.PeriodSeconds, 10)
	first["periodSeconds"] = int64(period / time.Second)
	first["failureThreshold"] = int64(max(1, startBudget/period))
	return []rules.Fix{rules.Change(rules.Review, fmt.Sprintf("give container %s %s to come up, with a startupProbe that asks what its livenessProbe does", c.Name, short(startBudget)),
		of.Object, patch.Op{Op: patch.Add, Path: at + "/startupProbe", Value: first})}
}
