// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/forward"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/scrape"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

const (
	// sidecar is the name of Istio's container, meshed the only profile that its
	// proxies speak.
	sidecar, meshed = "istio-proxy", "istio"
	// mostPods bounds how many proxies are asked: each is a port-forward.
	mostPods = 50
)

// sidecars opens the proxies of a namespace's pods.
func (x *Feed) sidecars(ctx context.Context, f *cli.Factory, flags *Flags, namespace string) error {
	if flags.Profile != Auto && flags.Profile != meshed {
		return fault.Usagef("--source envoy has metrics of --profile %s alone, found --profile %s", meshed, flags.Profile)
	}
	profile, err := signals.ProfileNamed(meshed)
	if err != nil {
		return err
	}
	config, err := f.RESTConfig()
	if err != nil {
		return err
	}
	client, err := cluster.New(config)
	if err != nil {
		return err
	}
	p := &proxies{client: client, namespace: namespace, warn: x.warn}
	if p.found, err = p.list(ctx); err != nil {
		return err
	}
	get, end := getter(forward.New(config).Dial)
	x.close = end
	x.Source = &scrape.Sidecars{Pods: p.pods, Get: get, Apart: flags.Scrape, Now: f.Now}
	x.Name, x.Profiles, x.Window = Envoy, []signals.Profile{profile}, flags.Scrape
	return nil
}

// proxies are the pods of a namespace with a sidecar.
type proxies struct {
	client    *cluster.Client
	namespace string
	warn      func(string)

	mu sync.Mutex
	// found are those that were found when the source was opened, until they are asked.
	found []ref.Ref
}

// pods returns those that are there now.
func (p *proxies) pods(ctx context.Context) ([]ref.Ref, error) {
	p.mu.Lock()
	found := p.found
	p.found = nil
	p.mu.Unlock()
	if found != nil {
		return found, nil
	}
	return p.list(ctx)
}

// list returns the ready ones, of which there is one at least.
func (p *proxies) list(ctx context.Context) ([]ref.Ref, error) {
	pods, err := proxied(ctx, p.client, p.namespace)
	if err != nil {
		return nil, err
	}
	if len(pods) == 0 {
		where := "the cluster"
		if p.namespace != "" {
			where = "namespace " + p.namespace
		}
		return nil, fault.New(fault.Undecided, "expected ready pods with the container %s in %s, found none", sidecar, where).
			Try("kubectl get pods -n NAMESPACE; kubectl label namespace NAMESPACE istio-injection=enabled has new pods injected")
	}
	if all := len(pods); all > mostPods {
		pods = pods[:mostPods]
		p.warn(fmt.Sprintf("%d of %d pods are asked: rates are those of these alone; -n NAMESPACE asks fewer", mostPods, all))
	}
	return pods, nil
}

// proxied returns the ready pods that have a sidecar, as a container or as an
// init container that goes on; in the order of their names.
func proxied(ctx context.Context, client *cluster.Client, namespace string) ([]ref.Ref, error) {
	objects, err := client.List(ctx, model.Pods.Kind, cluster.ListOptions{Namespace: namespace, Slim: true})
	if err != nil {
		return nil, err
	}
	var out []ref.Ref
	for _, o := range objects {
		if err := o.Convert(); err != nil {
			return nil, err
		}
		if p, ok := model.Pods.Of(o); ok && meshedAndReady(p.Value) {
			out = append(out, o.Ref)
		}
	}
	return out, nil
}

func meshedAndReady(p *corev1.Pod) bool {
	found := false
	for _, containers := range [][]corev1.Container{p.Spec.Containers, p.Spec.InitContainers} {
		for _, c := range containers {
			found = found || c.Name == sidecar
		}
	}
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady {
			return found && c.Status == corev1.ConditionTrue && p.DeletionTimestamp == nil
		}
	}
	return false
}

// dial opens a connection to a port of a pod.
type dial = func(ctx context.Context, namespace, pod string, port int) (net.Conn, error)

// getter returns how the proxies are asked, and what ends the connections, which
// are kept from one scrape to the next.
func getter(open dial) (get func(context.Context, ref.Ref) (io.ReadCloser, error), end func()) {
	transport := &http.Transport{DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
		host, _, _ := strings.Cut(address, ":")
		name, err := hex.DecodeString(host)
		if err != nil {
			return nil, fault.Failedf("expected the name of a pod in hexadecimal, found %s", host)
		}
		namespace, pod, _ := strings.Cut(string(name), "/")
		return open(ctx, namespace, pod, scrape.SidecarPort)
	}}
	get = func(ctx context.Context, pod ref.Ref) (io.ReadCloser, error) {
		// Names of pods have dots: in hexadecimal none is split, and each has its own connections.
		host := hex.EncodeToString([]byte(pod.Namespace + "/" + pod.Name))
		url := fmt.Sprintf("http://%s:%d%s", host, scrape.SidecarPort, scrape.SidecarPath)
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return nil, err
		}
		resp, err := (&http.Client{Transport: transport}).Do(req)
		if err != nil {
			return nil, withoutURL(err)
		}
		if resp.StatusCode != http.StatusOK {
			resp.Body.Close()
			return nil, fault.Failedf("expected metrics at %s of pod %s/%s, found HTTP %d", scrape.SidecarPath, pod.Namespace, pod.Name, resp.StatusCode)
		}
		return resp.Body, nil
	}
	return get, transport.CloseIdleConnections
}
