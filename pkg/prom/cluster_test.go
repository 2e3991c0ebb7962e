// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/prom"
)

type object = map[string]any

func service(namespace, name string, labels object, ports ...object) object {
	list := make([]any, len(ports))
	for i, p := range ports {
		list[i] = p
	}
	return object{"apiVersion": "v1", "kind": "Service", "metadata": object{"namespace": namespace, "name": name, "labels": labels}, "spec": object{"ports": list}}
}

func port(name string, number int64) object { return object{"name": name, "port": number} }

// slice is the endpoints of a Service: one pod on two ports.
func slice(namespace, service, pod, portName string, port int) object {
	return object{
		"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
		"metadata":  object{"namespace": namespace, "name": service + "-1", "labels": object{"kubernetes.io/service-name": service}},
		"ports":     []any{object{"name": "other", "port": int64(1)}, object{"name": portName, "port": int64(port)}},
		"endpoints": []any{object{"addresses": []any{"10.0.0.1"}, "conditions": object{"ready": true}, "targetRef": object{"kind": "Pod", "name": pod}}},
	}
}

func operator(namespace string, spec object) object {
	return object{"apiVersion": "monitoring.coreos.com/v1", "kind": "Prometheus", "metadata": object{"namespace": namespace, "name": "k8s"}, "spec": spec}
}

var labelled = object{"app.kubernetes.io/name": "prometheus"}

// world is an API server whose proxy answers for Services: by the names of
// metrics that each Prometheus has.
type world struct {
	*apitest.Server
	metrics map[string][]string
	// refuse answers a proxied request instead.
	refuse func(w http.ResponseWriter, path string) bool
	dial   func(ctx context.Context, namespace, pod string, port int) (net.Conn, error)
}

func newWorld(t *testing.T, objects ...object) *world {
	t.Helper()
	w := &world{Server: apitest.New(t, objects...), metrics: map[string][]string{}}
	w.On = func(rw http.ResponseWriter, r *http.Request) bool {
		path, found := strings.CutPrefix(r.URL.Path, "/api/v1/namespaces/")
		at, rest, proxied := strings.Cut(path, "/proxy/")
		if !found || !proxied {
			return false
		}
		if w.refuse != nil && w.refuse(rw, at) {
			return true
		}
		names, known := w.metrics[strings.Replace(at, "/services/", "/", 1)]
		if !known {
			apitest.Fail(rw, http.StatusNotFound, "NotFound", "services not found", nil)
			return true
		}
		serve(rw, rest, names)
		return true
	}
	return w
}

// serve answers as a Prometheus with these metrics.
func serve(w http.ResponseWriter, path string, names []string) {
	switch path {
	case "api/v1/query":
		fmt.Fprint(w, success(`{"resultType":"scalar","result":[1,"1"]}`))
	case "api/v1/label/__name__/values":
		fmt.Fprint(w, success(`["`+strings.Join(names, `","`)+`"]`))
	default:
		http.NotFound(w, nil)
	}
}

func (w *world) cluster(t *testing.T) *prom.Cluster {
	t.Helper()
	c, err := cluster.New(w.Config())
	if err != nil {
		t.Fatal(err)
	}
	return &prom.Cluster{Config: w.Config(), Client: c, Dial: w.dial}
}

// rank prefers a mesh to anything else.
func rank(names []string) int {
	if slices.Contains(names, "istio_requests_total") {
		return 2
	}
	return min(len(names), 1)
}

func TestDiscover(t *testing.T) {
	for name, c := range map[string]struct {
		objects []object
		metrics map[string][]string
		want    string
		others  []string
	}{
		"the operator's": {
			[]object{operator("mon", object{"web": object{"tlsConfig": object{"cert": object{}}}, "routePrefix": "/p/", "portName": "https"})},
			map[string][]string{"mon/https:prometheus-operated:https": {"up"}}, "", nil,
		},
		"a label": {
			[]object{
				service("a", "prom", labelled, port("grpc", 10901), port("http-web", 9090)),
				service("a", "alerts", object{"app.kubernetes.io/name": "prometheus", "app.kubernetes.io/component": "alertmanager"}, port("web", 9093)),
			},
			map[string][]string{"a/prom:http-web": {"up"}, "a/alerts:web": {"istio_requests_total"}}, "prometheus a/prom:http-web", nil,
		},
		"the one that sees the mesh": {
			[]object{service("a", "prom", labelled, port("web", 9090)), service("b", "prom", labelled, port("web", 9090))},
			map[string][]string{"a/prom:web": {"up"}, "b/prom:web": {"istio_requests_total"}}, "prometheus b/prom:web",
			[]string{"a/prom:web has others"},
		},
		"the one that answers": {
			[]object{service("a", "prom", labelled, port("web", 9090)), service("b", "prom", labelled, port("web", 9090))},
			map[string][]string{"b/prom:web": {"up"}}, "prometheus b/prom:web", nil,
		},
		"two Services of one": {
			[]object{
				operator("mon", object{}), service("mon", "prometheus-k8s", labelled, port("web", 9090)),
				slice("mon", "prometheus-k8s", "prometheus-k8s-0", "web", 9090), slice("mon", "prometheus-operated", "prometheus-k8s-0", "web", 9090),
			},
			map[string][]string{"mon/prometheus-operated:web": {"istio_requests_total"}, "mon/prometheus-k8s:web": {"istio_requests_total"}},
			"prometheus mon/prometheus-operated:web", nil,
		},
		"where installers put it": {
			nil, map[string][]string{"istio-system/prometheus:9090": {"istio_requests_total"}}, "prometheus istio-system/prometheus:9090", nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.objects...)
			w.metrics = c.metrics
			found, err := w.cluster(t).Discover(t.Context(), []string{"up"}, rank)
			if c.want == "" { // below a prefix that this server does not serve
				if err == nil || !strings.Contains(err.Error(), "mon/https:prometheus-operated:https/p: expected JSON") {
					t.Fatal(err)
				}
				return
			}
			if err != nil {
				t.Fatal(said(err))
			}
			defer found.Close()
			if found.Name() != c.want || len(found.Names) == 0 {
				t.Errorf("found %s with %v, want %s", found.Name(), found.Names, c.want)
			}
			if !slices.Equal(found.Others, c.others) {
				t.Errorf("others: %q, want %q", found.Others, c.others)
			}
			if n := lists(w.Requests()); n > 4 {
				t.Errorf("%d lists", n)
			}
		})
	}
}

func lists(requests []string) int {
	n := 0
	for _, r := range requests {
		if strings.Contains(r, "limit=") && !strings.Contains(r, "endpointslices") {
			n++
		}
	}
	return n
}

func TestAmbiguous(t *testing.T) {
	w := newWorld(t, service("b", "prom", labelled, port("web", 9090)), service("a", "prom", labelled, port("web", 9090)))
	w.metrics = map[string][]string{"a/prom:web": {"up"}, "b/prom:web": {"up"}}
	_, err := w.cluster(t).Discover(t.Context(), []string{"up"}, rank)
	if fault.KindOf(err) != fault.Usage || said(err) != "expected one Prometheus in the cluster, found 2 that are equally good\n"+
		"choose one:\n--prometheus a/prom:web\n--prometheus b/prom:web" {
		t.Errorf("kind %d: %s", fault.KindOf(err), said(err))
	}
}

func TestNone(t *testing.T) {
	w := newWorld(t)
	_, err := w.cluster(t).Discover(t.Context(), nil, rank)
	if fault.KindOf(err) != fault.Failed || !strings.Contains(err.Error(), "nothing of the Prometheus Operator, no Service labelled") ||
		!strings.Contains(said(err), "--source envoy") {
		t.Errorf("kind %d: %s", fault.KindOf(err), said(err))
	}
}

// forbid answers every proxied request as an API server whose rules do not allow it.
func forbid(w http.ResponseWriter, _ string) bool {
	apitest.Fail(w, http.StatusForbidden, "Forbidden",
		`services "prom:web" is forbidden: User "jane" cannot get resource "services/proxy" in API group "" in the namespace "a"`, nil)
	return true
}

func TestForbidden(t *testing.T) {
	w := newWorld(t, service("a", "prom", labelled, port("web", 9090)))
	w.refuse = forbid
	_, err := w.cluster(t).Discover(t.Context(), nil, rank)
	if fault.KindOf(err) != fault.Failed {
		t.Errorf("kind %d", fault.KindOf(err))
	}
	for _, want := range []string{
		"a/prom:web: expected the right to reach prometheus a/prom:web through the API server, found none",
		"kind: Role\n", "namespace: a\n", "resources: [services/proxy]\n  resourceNames: [\"prom:web\"]\n  verbs: [get]\n", "kind: RoleBinding", `name: "jane"`,
	} {
		if !strings.Contains(said(err), want) {
			t.Errorf("%s\nwants %q", said(err), want)
		}
	}
}

func TestForward(t *testing.T) {
	direct := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serve(w, strings.TrimPrefix(r.URL.Path, "/"), []string{"up"})
	}))
	t.Cleanup(direct.Close)
	for name, refuse := range map[string]func(http.ResponseWriter, string) bool{
		"forbidden": forbid,
		"not reached": func(w http.ResponseWriter, _ string) bool {
			apitest.Fail(w, http.StatusServiceUnavailable, "ServiceUnavailable", "error trying to reach service: dial tcp 10.0.0.1:9090: i/o timeout", nil)
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, service("a", "prom", labelled, port("web", 80)), slice("a", "prom", "prom-0", "web", 9090))
			w.refuse = refuse
			var dialled string
			w.dial = func(ctx context.Context, namespace, pod string, port int) (net.Conn, error) {
				dialled = fmt.Sprint(namespace, "/", pod, ":", port)
				return (&net.Dialer{}).DialContext(ctx, "tcp", direct.Listener.Addr().String())
			}
			for _, p := range []string{"web", "80", ""} {
				c, err := w.cluster(t).Service(t.Context(), prom.Service{Namespace: "a", Name: "prom", Port: p})
				if err != nil {
					t.Fatal(said(err))
				}
				if names, err := c.Names(t.Context()); err != nil || len(names) != 1 || dialled != "a/prom-0:9090" {
					t.Errorf("%v %v through %s", names, err, dialled)
				}
				c.Close()
			}
			w.dial = func(context.Context, string, string, int) (net.Conn, error) { return nil, errors.New("also not") }
			_, err := w.cluster(t).Service(t.Context(), prom.Service{Namespace: "a", Name: "prom", Port: "web"})
			if err == nil || !strings.Contains(err.Error(), "and no port-forward instead (") || !strings.Contains(err.Error(), "also not") {
				t.Error(err)
			}
		})
	}
}

func TestServices(t *testing.T) {
	w := newWorld(t, service("a", "two", nil, port("x", 1), port("y", 2)))
	for name, c := range map[string]struct {
		s    prom.Service
		want string
	}{
		"none":      {prom.Service{Namespace: "a", Name: "nope"}, "no Service a/nope"},
		"no such":   {prom.Service{Namespace: "a", Name: "nope", Port: "web"}, "no Service a/nope with port web"},
		"which one": {prom.Service{Namespace: "a", Name: "two"}, "expected one port of Service a/two to be that of Prometheus, found x, y"},
	} {
		_, err := w.cluster(t).Service(t.Context(), c.s)
		if fault.KindOf(err) != fault.Usage || !strings.Contains(said(err), c.want) {
			t.Errorf("%s: kind %d: %s", name, fault.KindOf(err), said(err))
		}
	}
}
