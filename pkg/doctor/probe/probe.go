// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package probe asks pods for their metrics, through the API server's proxy, as
// Prometheus would: one GET each, read no further than a scrape should go.
package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/kubectl-micro/kubectl-micro/pkg/doctor"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/scrape"
)

// Prober asks pods of one cluster.
type Prober struct {
	client *http.Client
	base   *url.URL
	// Patience is how long one pod may take; 10 seconds, a Prometheus' default, if 0.
	Patience time.Duration
	// Now tells how long an answer took.
	Now func() time.Time
}

// New returns a prober for the server of config.
func New(config *rest.Config, now func() time.Time) (*Prober, error) {
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fault.Failedf("the connection to the cluster is not configured right").Because(err)
	}
	base, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return nil, fault.Failedf("the connection to the cluster is not configured right").Because(err)
	}
	return &Prober{client: client, base: base, Patience: 10 * time.Second, Now: now}, nil
}

// atOnce is how many pods are asked at the same time: the bodies may be large, and
// all of them pass the API server.
const atOnce = 8

// All asks all questions.
func (p *Prober) All(ctx context.Context, probes []doctor.Probe) map[scrape.Address]doctor.Answer {
	out := make(map[scrape.Address]doctor.Answer, len(probes))
	var lock sync.Mutex
	var wait sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for _, one := range probes {
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			a := p.Ask(ctx, one)
			lock.Lock()
			defer lock.Unlock()
			out[one.Address] = a
		})
	}
	wait.Wait()
	return out
}

// Ask asks one pod, and where it knows no such path, the paths that are common.
func (p *Prober) Ask(ctx context.Context, probe doctor.Probe) doctor.Answer {
	a := p.get(ctx, probe, probe.Path)
	if a.Status != http.StatusNotFound && (a.Status != http.StatusOK || a.Looks == "metrics") {
		return a
	}
	for _, path := range doctor.CommonPaths {
		if path == probe.Path {
			continue
		}
		if other := p.get(ctx, probe, path); other.Status == http.StatusOK && other.Looks == "metrics" {
			a.Found = path
			break
		}
	}
	return a
}

func (p *Prober) get(ctx context.Context, probe doctor.Probe, path string) doctor.Answer {
	a := doctor.Answer{Pod: probe.Pod, Path: path}
	ctx, cancel := context.WithTimeout(ctx, p.Patience)
	defer cancel()
	namespace, pod := probe.Workload.Namespace, fmt.Sprintf("%s:%d", probe.Pod, probe.Port)
	if probe.Scheme == "https" {
		pod = "https:" + pod
	}
	where := p.base.JoinPath("api", "v1", "namespaces", namespace, "pods", pod, "proxy")
	where.Path += "/" + strings.TrimPrefix(path, "/")
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, where.String(), nil)
	if err != nil {
		a.Err = err.Error()
		return a
	}
	request.Header.Set("Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1")
	started := p.Now()
	response, err := p.client.Do(request)
	if err != nil {
		a.Err = reason(err)
		return a
	}
	defer response.Body.Close()
	var head bytes.Buffer
	a.Bytes, err = io.Copy(&capped{to: &head, left: peek}, io.LimitReader(response.Body, doctor.MaxBody+1))
	a.Took, a.Cut = p.Now().Sub(started), a.Bytes > doctor.MaxBody
	a.Status, a.ContentType = response.StatusCode, response.Header.Get("Content-Type")
	if err != nil {
		a.Err = reason(err)
		return a
	}
	a.Looks = Looks(a.ContentType, head.Bytes())
	if told, ok := status(response, head.Bytes()); ok {
		a.Status = 0
		if told.Reason == metav1.StatusReasonForbidden || told.Reason == metav1.StatusReasonUnauthorized {
			a.Needs = "get pods/proxy in namespace " + namespace
			return a
		}
		a.Err = told.Message
	}
	return a
}

// reason is an error without the address of the API server.
func reason(err error) string {
	var asked *url.Error
	if errors.As(err, &asked) {
		err = asked.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	return err.Error()
}

// status is what the API server itself says, which is no answer of the pod.
func status(r *http.Response, body []byte) (metav1.Status, bool) {
	var s metav1.Status
	if r.StatusCode < 400 || json.Unmarshal(body, &s) != nil {
		return s, false
	}
	return s, s.Kind == "Status" && s.APIVersion == "v1"
}

// peek is how much of a body is looked at.
const peek = 64 << 10

// capped keeps the beginning of what is written to it, and counts the rest as
// written.
type capped struct {
	to   *bytes.Buffer
	left int
}

func (c *capped) Write(b []byte) (int, error) {
	keep := min(len(b), c.left)
	c.to.Write(b[:keep])
	c.left -= keep
	return len(b), nil
}

// sample is a line of an exposition: a name, labels, a number.
var sample = regexp.MustCompile(`^("[^"]+"|\{"|[a-zA-Z_:][a-zA-Z0-9_:.]*)(\{.*\})?.*[ \t]([-+]?[0-9.]|[-+]?Inf|NaN)`)

// Looks tells what a body is: "metrics", "html", "json", "text" or "empty".
func Looks(contentType string, body []byte) string {
	kind, parameters, _ := mime.ParseMediaType(contentType)
	text := strings.TrimSpace(string(body))
	first, _, _ := strings.Cut(text, "\n")
	switch {
	case kind == "application/openmetrics-text", kind == "application/vnd.google.protobuf" && parameters["proto"] != "":
		return "metrics"
	case text == "":
		return "empty"
	case kind == "text/html", strings.HasPrefix(text, "<"):
		return "html"
	case strings.HasPrefix(first, "# HELP "), strings.HasPrefix(first, "# TYPE "), strings.HasPrefix(first, "# EOF"):
		return "metrics"
	case kind == "application/json", strings.HasPrefix(text, "["), strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "{\""):
		return "json"
	}
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			if sample.MatchString(line) {
				return "metrics"
			}
			return "text"
		}
	}
	return "text"
}
