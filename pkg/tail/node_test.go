// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tail_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/rest"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// node is an API server with a kubelet behind it, as far as pods and their logs
// go: what is written to a log reaches those who follow it.
type node struct {
	http *httptest.Server

	mu      sync.Mutex
	version int
	pods    map[string]*corev1.Pod
	events  []change
	logs    map[string]*journal
	// news is closed and made anew at every change.
	news chan struct{}
	// forbidden are paths that are answered with 403.
	forbidden map[string]bool
	requests  []string
	open      int
	most      int
	// cut is closed and made anew to end all streams.
	cut chan struct{}
}

type change struct {
	kind string
	pod  *corev1.Pod
}

// journal is what one run of a container has written.
type journal struct {
	lines []string
	ended bool
	// half is what comes behind them of a line without its end, sent to how many.
	half string
	sent int
}

func newNode(t *testing.T) *node {
	n := &node{
		pods: map[string]*corev1.Pod{}, logs: map[string]*journal{}, news: make(chan struct{}),
		forbidden: map[string]bool{}, cut: make(chan struct{}),
	}
	n.http = httptest.NewServer(http.HandlerFunc(n.serve))
	t.Cleanup(n.http.Close)
	return n
}

func (n *node) client(t *testing.T) *cluster.Client {
	t.Helper()
	c, err := cluster.New(&rest.Config{Host: n.http.URL, Transport: &http.Transport{DisableKeepAlives: true}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// change does something and tells everybody who waits.
func (n *node) change(do func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	do()
	close(n.news)
	n.news = make(chan struct{})
}

// put stores a pod whose containers are in the given states.
func (n *node) put(p *corev1.Pod) {
	n.change(func() {
		n.version++
		p = p.DeepCopy()
		p.ResourceVersion = strconv.Itoa(n.version)
		key, kind := p.Namespace+"/"+p.Name, "ADDED"
		if n.pods[key] != nil {
			kind = "MODIFIED"
		}
		n.pods[key] = p
		n.events = append(n.events, change{kind, p})
	})
}

func (n *node) remove(p *corev1.Pod) {
	n.change(func() {
		n.version++
		delete(n.pods, p.Namespace+"/"+p.Name)
		n.events = append(n.events, change{"DELETED", p})
	})
}

// write adds lines to the log of a run: "ns/pod/container" and a time in milliseconds.
func (n *node) write(key string, ms int, lines ...string) {
	n.change(func() {
		j := n.logs[key]
		if j == nil {
			j = &journal{}
			n.logs[key] = j
		}
		for _, l := range lines {
			j.lines = append(j.lines, at(ms).Format(time.RFC3339Nano)+" "+l)
		}
	})
}

func (n *node) end(key string) { n.change(func() { n.logs[key].ended = true }) }

// restart ends the run of a container and begins an empty one.
func (n *node) restart(key string) {
	n.change(func() {
		old := n.logs[key]
		old.ended = true
		n.logs[key+"?previous"], n.logs[key] = old, &journal{}
	})
}

// breakAll ends every connection that is open.
func (n *node) breakAll() {
	n.change(func() {
		close(n.cut)
		n.cut = make(chan struct{})
	})
}

func (n *node) asked(part string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	count := 0
	for _, r := range n.requests {
		if strings.Contains(r, part) {
			count++
		}
	}
	return count
}

func (n *node) serve(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	n.requests = append(n.requests, r.URL.RequestURI())
	forbidden := n.forbidden[r.URL.Path] || n.forbidden[r.URL.Path+"?"+r.URL.RawQuery]
	n.mu.Unlock()
	watch := r.URL.Query().Get("watch") == "true"
	switch {
	case forbidden || watch && n.forbidden["watch"]:
		apitest.Fail(w, http.StatusForbidden, "Forbidden", "not you", nil)
	case strings.HasSuffix(r.URL.Path, "/log"):
		n.log(w, r)
	case watch:
		n.watch(w, r)
	default:
		n.list(w, r)
	}
}

func (n *node) taken(r *http.Request, p *corev1.Pod) bool {
	selector, err := labels.Parse(r.URL.Query().Get("labelSelector"))
	named, nameErr := fields.ParseSelector(r.URL.Query().Get("fieldSelector"))
	return err == nil && nameErr == nil && selector.Matches(labels.Set(p.Labels)) && named.Matches(fields.Set{"metadata.name": p.Name})
}

func (n *node) list(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := corev1.PodList{TypeMeta: metav1.TypeMeta{Kind: "PodList", APIVersion: "v1"}}
	for _, key := range slices.Sorted(maps.Keys(n.pods)) {
		if n.taken(r, n.pods[key]) {
			out.Items = append(out.Items, *n.pods[key])
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out)
}

// watch tells of what there is, and then of each change.
func (n *node) watch(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	told := len(n.events)
	var first []change
	for _, key := range slices.Sorted(maps.Keys(n.pods)) {
		first = append(first, change{"ADDED", n.pods[key]})
	}
	n.mu.Unlock()
	n.stream(w, r, func() (text string, done bool) {
		var b strings.Builder
		for _, c := range append(first, n.events[told:]...) {
			if n.taken(r, c.pod) {
				_ = json.NewEncoder(&b).Encode(map[string]any{"type": c.kind, "object": c.pod})
			}
		}
		first, told = nil, len(n.events)
		return b.String(), false
	})
}

func (n *node) log(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.URL.Path, "/") // /api/v1/namespaces/NS/pods/POD/log
	query := r.URL.Query()
	key := parts[4] + "/" + parts[6] + "/" + query.Get("container")
	if query.Get("previous") == "true" {
		key += "?previous"
	}
	n.mu.Lock()
	j := n.logs[key]
	n.open++
	n.most = max(n.most, n.open)
	n.mu.Unlock()
	defer func() {
		n.mu.Lock()
		n.open--
		n.mu.Unlock()
	}()
	if j == nil {
		apitest.Fail(w, http.StatusBadRequest, "BadRequest", "no log of "+key, nil)
		return
	}
	since := query.Get("sinceTime")
	from, half := 0, false
	if tail, err := strconv.Atoi(query.Get("tailLines")); err == nil {
		n.mu.Lock()
		from = max(0, len(j.lines)-tail)
		n.mu.Unlock()
	}
	n.stream(w, r, func() (string, bool) {
		var b strings.Builder
		for ; from < len(j.lines); from++ {
			if since == "" || j.lines[from][:19] >= since[:19] { // whole seconds
				b.WriteString(j.lines[from] + "\n")
			}
		}
		if j.half != "" && !half {
			b.WriteString(j.half)
			half = true
			j.sent++
		}
		return b.String(), query.Get("follow") != "true" || j.ended
	})
}

// stream writes what next returns, now and at every change, until it is done,
// the client has gone or the connection is cut. Next is called with the lock held.
func (n *node) stream(w http.ResponseWriter, r *http.Request, next func() (string, bool)) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	for {
		n.mu.Lock()
		text, done := next()
		news, cut := n.news, n.cut
		n.mu.Unlock()
		_, _ = io.WriteString(w, text)
		w.(http.Flusher).Flush()
		if done {
			return
		}
		select {
		case <-news:
			select {
			case <-cut:
				panic(http.ErrAbortHandler)
			default:
			}
		case <-r.Context().Done():
			return
		}
	}
}
