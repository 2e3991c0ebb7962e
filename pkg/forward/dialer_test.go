// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package forward_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/spdy"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/forward"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// kubelet is an API server that takes SPDY alone, as old ones and some proxies
// do: port 80 answers HTTP, any other is closed,
// of which port 82 says so late.
func kubelet(t *testing.T) (*rest.Config, *atomic.Int32) {
	t.Helper()
	var tunnels atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path != "/api/v1/namespaces/shop/pods/cart-0/portforward":
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","message":"pods \"x\" is forbidden","code":403}`)
			return
		case r.Header.Get("Upgrade") != spdy.HeaderSpdy31:
			http.Error(w, "no websocket", http.StatusBadRequest)
			return
		}
		if _, err := httpstream.Handshake(r, w, []string{portforward.PortForwardProtocolV1Name}); err != nil {
			t.Error(err)
			return
		}
		streams := make(chan httpstream.Stream, 2)
		conn := spdy.NewResponseUpgrader().UpgradeResponse(w, r, func(s httpstream.Stream, _ <-chan struct{}) error {
			streams <- s
			return nil
		})
		if conn == nil {
			return
		}
		tunnels.Add(1)
		defer tunnels.Add(-1)
		defer conn.Close()
		complaints, data := <-streams, <-streams
		if port := data.Headers().Get(corev1.PortHeader); port != "80" {
			if port == "82" { // gone before anybody says why
				_ = data.Reset()
				time.Sleep(50 * time.Millisecond)
			}
			fmt.Fprintf(complaints, "connection refused on port %s", port)
			complaints.Close()
			data.Close()
			<-conn.CloseChan()
			return
		}
		for in := bufio.NewReader(data); ; {
			req, err := http.ReadRequest(in)
			if err != nil {
				break
			}
			fmt.Fprintf(data, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(req.URL.Path), req.URL.Path)
		}
		<-conn.CloseChan()
	}))
	t.Cleanup(s.Close)
	return &rest.Config{Host: s.URL}, &tunnels
}

// transport sends every request to a port of the pod.
func transport(d *forward.Dialer, pod string, port int) *http.Transport {
	return &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return d.Dial(ctx, "shop", pod, port) }}
}

func TestDial(t *testing.T) {
	config, tunnels := kubelet(t)
	through := transport(forward.New(config), "cart-0", 80)
	client := &http.Client{Transport: through}
	for _, path := range []string{"/a", "/bc"} {
		resp, err := client.Get("http://cart" + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || string(body) != path {
			t.Errorf("%q %v", body, err)
		}
	}
	if n := tunnels.Load(); n != 1 {
		t.Errorf("%d tunnels for two requests", n)
	}
	through.CloseIdleConnections()
}

func TestClosedPort(t *testing.T) {
	config, _ := kubelet(t)
	for _, port := range []int{81, 82} {
		through := transport(forward.New(config), "cart-0", port)
		_, err := (&http.Client{Transport: through}).Get("http://cart/")
		if err == nil || !strings.Contains(err.Error(), fmt.Sprint("connection refused on port ", port)) {
			t.Errorf("port %d: %v", port, err)
		}
		through.CloseIdleConnections()
	}
}

func TestForbidden(t *testing.T) {
	config, _ := kubelet(t)
	_, err := forward.New(config).Dial(t.Context(), "shop", "other", 80)
	if fault.KindOf(err) != fault.Failed || !strings.Contains(err.Error(), `expected a port-forward to shop/other:80, found none: `) ||
		!strings.Contains(err.Error(), "is forbidden") {
		t.Error(err)
	}
}

func TestTimeout(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		<-release
		http.Error(w, "late", http.StatusBadRequest)
	}))
	t.Cleanup(s.Close)
	ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Millisecond, fault.New(fault.Timeout, "gave up"))
	defer cancel()
	_, err := forward.New(&rest.Config{Host: s.URL}).Dial(ctx, "shop", "cart-0", 80)
	close(release)
	if err == nil || !strings.Contains(err.Error(), "gave up") {
		t.Error(err)
	}
}
