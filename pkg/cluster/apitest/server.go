// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package apitest is an API server for tests, small enough to be read: it keeps
// objects in memory and answers as kube-apiserver does where the suite depends
// on it, down to the status bodies of rejected writes. What a test needs to go
// wrong, it makes go wrong in Server.On.
package apitest

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Server is the API server of one test.
type Server struct {
	// On sees every request first; true means that it has answered. It must be
	// set before the first request and may call the other methods.
	On func(w http.ResponseWriter, r *http.Request) bool
	// Versions are the served versions of a group; a group that is not named
	// serves all versions of the model.
	Versions map[string][]string
	// JSONOnly makes the server ignore that a client accepts protobuf.
	JSONOnly bool
	// Logs are what containers have written, by "namespace/pod/container", with
	// "?previous" at the end for the run before.
	Logs map[string]string

	http *httptest.Server

	mu       sync.Mutex
	objects  map[ref.Ref]map[string]any
	version  int
	requests []string
	journals map[string]stamped
	later    []map[string]any
}

// New starts a server with objects in it. It ends with the test.
func New(t testing.TB, objects ...map[string]any) *Server {
	s := &Server{objects: map[ref.Ref]map[string]any{}, version: 100}
	for _, o := range objects {
		s.Put(o)
	}
	s.http = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.http.Close)
	return s
}

// Config is how to connect.
func (s *Server) Config() *rest.Config { return &rest.Config{Host: s.http.URL} }

// Put stores an object as if somebody had written it: it gets a new
// resourceVersion, and a uid if it has none.
func (s *Server) Put(object map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(object)
}

func (s *Server) put(object map[string]any) map[string]any {
	u := unstructured.Unstructured{Object: object}
	object = u.DeepCopy().Object
	u.Object = object
	s.version++
	u.SetResourceVersion(strconv.Itoa(s.version))
	if u.GetUID() == "" {
		u.SetUID(types.UID("uid-" + u.GetName()))
	}
	s.objects[key(ref.Of(u.GetAPIVersion(), u.GetKind(), u.GetNamespace(), u.GetName()))] = object
	return object
}

// Object returns a copy of an object as it is stored, nil if there is none.
func (s *Server) Object(r ref.Ref) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return (&unstructured.Unstructured{Object: s.objects[key(r)]}).DeepCopy().Object
}

// Remove drops an object as if somebody had deleted it.
func (s *Server) Remove(r ref.Ref) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, key(r))
}

// Requests returns what was asked so far: "GET /api/v1/pods?limit=500".
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func key(r ref.Ref) ref.Ref {
	r.Version = ""
	return r
}

// target is what the path of a request names.
type target struct {
	kind            *model.Kind
	version         string
	namespace, name string
}

func (t target) ref() ref.Ref {
	return ref.Ref{Group: t.kind.Group, Version: t.version, Kind: t.kind.Kind, Namespace: t.namespace, Name: t.name}
}

func (s *Server) target(path string) (target, bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	group := ""
	switch {
	case len(parts) > 2 && parts[0] == "api":
		parts = parts[1:]
	case len(parts) > 3 && parts[0] == "apis":
		group, parts = parts[1], parts[2:]
	default:
		return target{}, false
	}
	t := target{version: parts[0]}
	parts = parts[1:]
	if len(parts) > 2 && parts[0] == "namespaces" {
		t.namespace, parts = parts[1], parts[2:]
	}
	for _, k := range model.Kinds() {
		if k.Group == group && k.Resource == parts[0] {
			t.kind = k
		}
	}
	if t.kind == nil {
		return t, false
	}
	if len(parts) > 1 {
		t.name = parts[1]
	}
	served, narrowed := s.Versions[group]
	if !narrowed {
		served = t.kind.Versions
	}
	return t, slices.Contains(served, t.version)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+r.URL.RequestURI())
	s.mu.Unlock()
	if s.On != nil && s.On(w, r) {
		return
	}
	if s.logs(w, r) || s.watch(w, r) {
		return
	}
	t, served := s.target(r.URL.Path)
	if !served {
		http.Error(w, "404 page not found", http.StatusNotFound)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case r.Method == http.MethodGet && t.name == "":
		s.list(w, r, t)
	case s.objects[key(t.ref())] == nil && r.Header.Get("Content-Type") != "application/apply-patch+yaml":
		Fail(w, http.StatusNotFound, "NotFound", t.kind.Resource+` "`+t.name+`" not found`, map[string]any{"name": t.name, "kind": t.kind.Resource})
	case r.Method == http.MethodGet:
		answer(w, t.in(s.objects[key(t.ref())]))
	case r.Method == http.MethodPatch:
		s.patch(w, r, t)
	case r.Method == http.MethodDelete:
		s.delete(w, r, t)
	default:
		Fail(w, http.StatusMethodNotAllowed, "MethodNotAllowed", "the server does not allow this method", nil)
	}
}

// in is an object in the version that was asked for.
func (t target) in(object map[string]any) map[string]any {
	out := maps.Clone(object)
	out["apiVersion"] = t.ref().APIVersion()
	return out
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body) // the client has gone
}

// Fail answers with a Status as the API server does; details may be nil.
func Fail(w http.ResponseWriter, code int, reason, message string, details map[string]any) {
	if details == nil {
		details = map[string]any{}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"kind": "Status", "apiVersion": "v1", "metadata": map[string]any{}, "status": "Failure",
		"message": message, "reason": reason, "details": details, "code": code,
	})
}
