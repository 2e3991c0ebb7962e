// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kubectl-micro/kubectl-micro/pkg/scrape"
)

// sidecarsCommand stands in for the proxies of pods: a server of this machine, to
// which the simulated kubelet forwards the port where a sidecar tells its counters.
func sidecarsCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sidecars SELECTOR FILE")
	}
	counting, err := newCounters(ts.ReadFile(args[1]))
	ts.Check(err)
	server := httptest.NewServer(counting)
	ts.Defer(server.Close)
	target, err := url.Parse(server.URL)
	ts.Check(err)
	out, err := output("kubectl", "--kubeconfig", filepath.Join(theBox.dir, "kubeconfig"), "-n", ts.Getenv("NS"),
		"get", "pods", "-l", args[0], "-o", "jsonpath={.items[*].metadata.name}")
	ts.Check(err)
	pods := strings.Fields(out)
	if len(pods) == 0 {
		ts.Fatalf("no pod of %s has the labels %s", ts.Getenv("NS"), args[0])
	}
	var text strings.Builder
	for _, pod := range pods {
		fmt.Fprintf(&text, `---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: PortForward
metadata: {name: %s}
spec: {forwards: [{ports: [%d], target: {address: "%s", port: %s}}]}
`, pod, scrape.SidecarPort, target.Hostname(), target.Port())
	}
	applyText(ts, text.String())
}

// counters are series that grow from the moment they were made, each as fast as its
// number says, in the exposition format: how much two scrapes differ depends on
// nothing but the time between them.
type counters struct {
	since  time.Time
	series []string
	rates  []float64
}

// newCounters reads lines of a series and what it grows by in a second.
func newCounters(text string) (*counters, error) {
	c := &counters{since: time.Now()}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		end := strings.LastIndexByte(line, ' ')
		if end < 0 {
			return nil, fmt.Errorf("expected a series and its growth a second, found %q", line)
		}
		rate, err := strconv.ParseFloat(line[end+1:], 64)
		if err != nil {
			return nil, err
		}
		c.series, c.rates = append(c.series, line[:end]), append(c.rates, rate)
	}
	return c, nil
}

// ServeHTTP implements [http.Handler].
func (c *counters) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if path, _, _ := strings.Cut(scrape.SidecarPath, "?"); r.URL.Path != path {
		http.NotFound(w, r)
		return
	}
	seconds := time.Since(c.since).Seconds()
	for i, s := range c.series {
		fmt.Fprintf(w, "%s %v\n", s, c.rates[i]*seconds)
	}
}
