// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source_test

import (
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

// routesAndServices is tolerant: the routes fail in the tests below.
var routesAndServices = source.Want{Tolerant: true, Kinds: []*model.Kind{model.VirtualServices.Kind, model.Services.Kind}}

// onRoutes answers the lists of routes with answer.
func onRoutes(s *apitest.Server, answer http.HandlerFunc) {
	s.On = func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/virtualservices") {
			answer(w, r)
			return true
		}
		return false
	}
}

func TestClusterWithAKindThatIsDown(t *testing.T) {
	status := func(code int, reason, message string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { apitest.Fail(w, code, reason, message, nil) }
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		reason string
		silent bool // until the time for a request has run out
	}{
		"an aggregated API":  {status(503, "ServiceUnavailable", "the server is currently unable to handle the request"), "cannot list virtualservices: the server is currently unable to handle the request", false},
		"a webhook":          {status(500, "InternalError", "conversion webhook failed"), "cannot list virtualservices: conversion webhook failed", false},
		"a gateway timeout":  {status(504, "Timeout", "too slow"), "cannot list virtualservices: too slow", false},
		"no JSON":            {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, "cannot list virtualservices: ", false},
		"no answer, in time": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "cannot list virtualservices: no answer in time", true},
	} {
		t.Run(name, func(t *testing.T) {
			s := world(t)
			onRoutes(s, c.answer)
			config := s.Config()
			if c.silent {
				config.Timeout = time.Second
			}
			client, err := cluster.New(config)
			if err != nil {
				t.Fatal(err)
			}
			from := &source.Cluster{Client: client}
			got, err := from.Load(t.Context(), routesAndServices)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff([]string{"Service other/reviews", "Service shop/ratings", "Service shop/reviews"}, names(got)); d != "" {
				t.Error(d)
			}
			gap, unknown := got.Gap(model.VirtualServices.GroupKind, "shop")
			if !unknown || len(got.Gaps()) != 1 || gap.Missing || !strings.HasPrefix(gap.Reason, c.reason) {
				t.Errorf("gaps: %+v", got.Gaps())
			}
			strict := routesAndServices
			strict.Tolerant = false
			if got, err := from.Load(t.Context(), strict); got != nil || err == nil {
				t.Errorf("without tolerance: %v, %v", got, err)
			}
			strict = routesAndServices
			strict.Kinds = strict.Kinds[:1]
			if got, err := from.Load(t.Context(), strict); got != nil || err == nil || !strings.HasPrefix(err.Error(), "cannot list virtualservices: ") {
				t.Errorf("with nothing else to read: %v, %v", got, err)
			}
		})
	}
}

// Tolerance is no reason to go on without a server.
func TestClusterThatIsNotThere(t *testing.T) {
	trusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	trusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	trusted.StartTLS()
	t.Cleanup(trusted.Close)
	denied := apitest.New(t)
	denied.On = func(w http.ResponseWriter, _ *http.Request) bool {
		apitest.Fail(w, http.StatusUnauthorized, "Unauthorized", "Unauthorized", nil)
		return true
	}
	for name, c := range map[string]struct {
		config  *rest.Config
		message string
		reached bool
	}{
		"nobody listens": {&rest.Config{Host: "http://127.0.0.1:1"}, "cannot reach the API server at http://127.0.0.1:1", false},
		"no such host":   {&rest.Config{Host: "http://nowhere.invalid"}, "cannot reach the API server at http://nowhere.invalid", false},
		"no trust":       {&rest.Config{Host: trusted.URL}, "certificate", false},
		"unauthorized":   {denied.Config(), "Unauthorized", true},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := cluster.New(c.config)
			if err != nil {
				t.Fatal(err)
			}
			got, err := (&source.Cluster{Client: client}).Load(t.Context(), routesAndServices)
			if got != nil || fault.KindOf(err) != fault.Failed || !strings.Contains(err.Error(), c.message) || errors.Is(err, cluster.ErrUnreachable) == c.reached {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

// Nor is it one to go on with a server that was lost on the way, or that does
// not accept the credentials any more.
func TestClusterThatIsLost(t *testing.T) {
	for name, c := range map[string]struct {
		lose func(*apitest.Server, *rest.Config)
		is   func(error) bool
	}{
		"the connection": {
			func(_ *apitest.Server, c *rest.Config) {
				c.Wrap(func(next http.RoundTripper) http.RoundTripper {
					return roundTrip(func(r *http.Request) (*http.Response, error) {
						if strings.HasSuffix(r.URL.Path, "/virtualservices") {
							return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
						}
						return next.RoundTrip(r)
					})
				})
			},
			func(err error) bool {
				return errors.Is(err, cluster.ErrUnreachable) && errors.Is(err, syscall.ECONNREFUSED)
			},
		},
		"the credentials": {
			func(s *apitest.Server, _ *rest.Config) {
				onRoutes(s, func(w http.ResponseWriter, _ *http.Request) {
					apitest.Fail(w, http.StatusUnauthorized, "Unauthorized", "Unauthorized", nil)
				})
			},
			apierrors.IsUnauthorized,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := world(t)
			config := s.Config()
			c.lose(s, config)
			client, err := cluster.New(config)
			if err != nil {
				t.Fatal(err)
			}
			got, err := (&source.Cluster{Client: client}).Load(t.Context(), routesAndServices)
			if got != nil || !c.is(err) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func TestClusterSlim(t *testing.T) {
	full := func(apiVersion, kind string) map[string]any {
		o := object(apiVersion, kind, "shop", "web")
		m := o["metadata"].(map[string]any)
		m["annotations"] = map[string]any{"kubectl.kubernetes.io/last-applied-configuration": "{}"}
		m["managedFields"] = []any{map[string]any{"manager": "helm", "operation": "Update"}}
		return o
	}
	services, routes := model.Services.Kind, model.VirtualServices.Kind
	s := apitest.New(t, full(core, "Service"), full(istio, "VirtualService"))
	for name, c := range map[string]struct {
		want source.Want
		kept string // what of Service, then of VirtualService: annotation, managedFields
	}{
		"off":                   {source.Want{}, "a a"},
		"on":                    {source.Want{Slim: true}, " "},
		"on, with all managers": {source.Want{Slim: true, ManagedFields: true}, " "},
		"of one kind":           {source.Want{Scopes: map[*model.Kind]source.Scope{services: {Slim: true}}}, " a"},
		"not of one kind":       {source.Want{Slim: true, Scopes: map[*model.Kind]source.Scope{routes: {ManagedFields: true}}}, " am"},
	} {
		c.want.Kinds = []*model.Kind{services, routes}
		got, err := live(t, s).Load(t.Context(), c.want)
		if err != nil {
			t.Fatal(err)
		}
		var kept []string
		for _, o := range got.Objects() {
			what := ""
			if len(o.Meta().GetAnnotations()) > 0 {
				what += "a"
			}
			if len(o.Meta().GetManagedFields()) > 0 {
				what += "m"
			}
			kept = append(kept, what)
		}
		if d := cmp.Diff(c.kept, strings.Join(kept, " ")); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}
