// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/streaming/pkg/httpstream"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// Dialer opens connections to ports of pods. It is safe for concurrent use.
type Dialer struct{ config *rest.Config }

// New returns a dialer over the API server of config.
func New(config *rest.Config) *Dialer { return &Dialer{config: config} }

// Dial connects to a port of a pod. The connection is a tunnel of its own, which
// ends with it. Whether anything listens on the port is known by the first read:
// its error says what the kubelet found.
func (d *Dialer) Dial(ctx context.Context, namespace, pod string, port int) (net.Conn, error) {
	to := address{namespace, pod, port}
	dialer, err := d.dialer(to)
	if err != nil {
		return nil, to.failed(err)
	}
	type dialled struct {
		conn *conn
		err  error
	}
	// The dialer knows no context; what it opens too late is closed.
	done := make(chan dialled)
	go func() {
		c, err := open(dialer, to)
		select {
		case done <- dialled{c, err}:
		case <-ctx.Done():
			if c != nil {
				_ = c.Close()
			}
		}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, to.failed(r.err)
		}
		return r.conn, nil
	case <-ctx.Done():
		return nil, to.failed(context.Cause(ctx))
	}
}

// address is what is dialled.
type address struct {
	namespace, pod string
	port           int
}

// Network implements [net.Addr].
func (address) Network() string { return "port-forward" }

// String implements [net.Addr].
func (a address) String() string { return a.namespace + "/" + a.pod + ":" + strconv.Itoa(a.port) }

func (a address) failed(err error) error {
	return fault.Wrap(fault.Failed, err, "expected a port-forward to %s, found none", a)
}

// dialer speaks websocket, and SPDY to servers and proxies that do not.
func (d *Dialer) dialer(to address) (httpstream.Dialer, error) {
	server, _, err := rest.DefaultServerUrlFor(d.config)
	if err != nil {
		return nil, err
	}
	at := server.JoinPath("api/v1/namespaces", url.PathEscape(to.namespace), "pods", url.PathEscape(to.pod), "portforward")
	websocket, err := portforward.NewSPDYOverWebsocketDialerForStreaming(at, d.config)
	if err != nil {
		return nil, err
	}
	transport, upgrader, err := spdy.RoundTripperFor(d.config)
	if err != nil {
		return nil, err
	}
	old := spdy.NewDialerForStreaming(upgrader, &http.Client{Transport: transport}, http.MethodPost, at)
	return portforward.NewFallbackDialerForStreaming(websocket, old, func(err error) bool {
		return httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err)
	}), nil
}

// open makes a tunnel with the two streams of one connection.
func open(dialer httpstream.Dialer, to address) (*conn, error) {
	tunnel, protocol, err := dialer.Dial(portforward.PortForwardProtocolV1Name)
	if err != nil {
		return nil, err
	}
	if protocol != portforward.PortForwardProtocolV1Name {
		_ = tunnel.Close()
		return nil, fmt.Errorf("expected the protocol %s, found %q", portforward.PortForwardProtocolV1Name, protocol)
	}
	header := http.Header{}
	header.Set(corev1.StreamType, corev1.StreamTypeError)
	header.Set(corev1.PortHeader, strconv.Itoa(to.port))
	header.Set(corev1.PortForwardRequestIDHeader, "0")
	complaints, err := tunnel.CreateStream(header)
	if err == nil {
		_ = complaints.Close() // nothing is written there
		header.Set(corev1.StreamType, corev1.StreamTypeData)
		var data httpstream.Stream
		if data, err = tunnel.CreateStream(header); err == nil {
			return newConn(tunnel, data, complaints, to), nil
		}
	}
	_ = tunnel.Close()
	return nil, err
}
