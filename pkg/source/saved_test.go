// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

var head = source.Head{Time: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), Version: "1.2.3", Server: "v1.36.0"}

// save returns a Snapshot as it is saved.
func save(t *testing.T, s *model.Snapshot, h source.Head) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := source.Save(t.Context(), &out, s, h); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func saved(data []byte) *source.Saved {
	return &source.Saved{Path: "s.jsonl", Reader: bytes.NewReader(data)}
}

func TestSavedIsWhatWasSaved(t *testing.T) {
	s := world(t)
	forbid(s, "/apis/networking.istio.io/v1/gateways")
	s.Versions = map[string][]string{model.GatewayAPI: {}}
	from := live(t, s)
	from.Options = model.Options{Namespace: "shop", ClusterDomain: "example.org", RootNamespace: "mesh"}
	want, err := from.Load(t.Context(), source.Want{})
	if err != nil {
		t.Fatal(err)
	}
	data := save(t, want, head)
	if again := save(t, want, head); !bytes.Equal(data, again) {
		t.Error("two saves differ")
	}
	if first, _, _ := bytes.Cut(data, []byte("\n")); !bytes.HasPrefix(first, []byte(`{"apiVersion":"kubectl-micro.dev/v1alpha1","kind":"Snapshot","time":"2026-03-04T05:06:07Z","version":"1.2.3","server":"v1.36.0","options":{"namespace":"shop","clusterDomain":"example.org","rootNamespace":"mesh","partial":false,"offline":false},"kinds":[`)) {
		t.Errorf("the head is %s", first)
	}
	back := saved(data)
	got, err := back.Load(t.Context(), source.Want{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(names(want), names(got)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(want.Gaps(), got.Gaps()); d != "" || len(got.Gaps()) < 2 {
		t.Errorf("gaps: %s", d)
	}
	if got.Options != want.Options {
		t.Errorf("options: %+v", got.Options)
	}
	for _, o := range got.Objects() {
		if !o.Live() {
			t.Errorf("%s is not live", o.Ref)
		}
	}
	if len(model.Services.In(got, "shop")) != 2 {
		t.Error("the objects have no types")
	}
	h, err := back.Head(t.Context())
	if err != nil || !h.Time.Equal(head.Time) || h.Version != "1.2.3" || h.Server != "v1.36.0" || h.Options != want.Options || len(h.Kinds) != len(model.Kinds())-1 {
		t.Errorf("head: %+v, %v", h, err)
	}
	if second := save(t, got, head); !bytes.Equal(second, data) {
		t.Errorf("saved again it differs:\n%s\n%s", data, second)
	}
}

// What is saved of files stays a plan: nothing of it was seen in a cluster.
func TestSavedFiles(t *testing.T) {
	dir := tree(t, map[string]string{"a.yaml": service("a") + "---\napiVersion: example.org/v1\nkind: Widget\nmetadata: {name: w, namespace: void}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: void}\n"})
	want, err := (&source.Files{Paths: []string{dir}, Options: model.Options{Namespace: "shop", Partial: true, Offline: true}}).Load(t.Context(), everything)
	if err != nil {
		t.Fatal(err)
	}
	got, err := saved(save(t, want, head)).Load(t.Context(), everything)
	if err != nil || got.Options != want.Options {
		t.Fatalf("got %+v, %v", got, err)
	}
	if d := cmp.Diff([]string{"Namespace void", "Service shop/a", "Widget void/w"}, names(got)); d != "" || len(got.Gaps()) > 0 {
		t.Errorf("%s, %v", d, got.Gaps())
	}
	if got.Objects()[1].Live() || got.Objects()[1].With(got.Objects()[1].Raw()).Live() || got.Objects()[1].Meta().GetNamespace() != "shop" {
		t.Errorf("got %v", got.Objects()[1].Raw())
	}
}

// A Want gives of a saved cluster what it would give of the cluster.
func TestSavedIsNarrowedLikeACluster(t *testing.T) {
	s := world(t)
	whole, err := live(t, s).Load(t.Context(), source.Want{ManagedFields: true})
	if err != nil {
		t.Fatal(err)
	}
	data := save(t, whole, head)
	pods, services, routes := model.Pods.Kind, model.Services.Kind, model.VirtualServices.Kind
	reviews := labels.SelectorFromSet(labels.Set{"app": "reviews"})
	for name, w := range map[string]source.Want{
		"everything":   {},
		"some kinds":   {Kinds: []*model.Kind{pods, routes}},
		"a namespace":  {Namespace: "shop"},
		"an empty one": {Namespace: "void"},
		"scopes":       {Namespace: "shop", Scopes: map[*model.Kind]source.Scope{routes: {}, services: {Namespaces: []string{"other"}}, pods: {Namespaces: []string{"shop", "other"}}}},
		"labels":       {Kinds: []*model.Kind{services}, Scopes: map[*model.Kind]source.Scope{services: {Labels: reviews}}},
	} {
		want, err := live(t, s).Load(t.Context(), w)
		if err != nil {
			t.Fatal(err)
		}
		got, err := saved(data).Load(t.Context(), w)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(names(want), names(got)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	byName := source.Want{Kinds: []*model.Kind{pods}, Scopes: map[*model.Kind]source.Scope{pods: {Fields: fields.OneTermEqualSelector("metadata.name", "reviews-2")}}}
	got, err := saved(data).Load(t.Context(), byName)
	if d := cmp.Diff([]string{"Pod other/reviews-2"}, names(got)); d != "" || err != nil {
		t.Errorf("fields: %s, %v", d, err)
	}
}

// Kinds that were not read are unknown, which is not the same as absent.
func TestSavedWithoutAKind(t *testing.T) {
	services := source.Want{Kinds: []*model.Kind{model.Services.Kind}}
	s, err := live(t, world(t)).Load(t.Context(), services)
	if err != nil {
		t.Fatal(err)
	}
	h := head
	h.Kinds = []ref.GroupKind{model.Services.GroupKind}
	data := save(t, s, h)
	if got, err := saved(data).Load(t.Context(), services); err != nil || len(got.Gaps()) > 0 || len(got.Objects()) != 3 {
		t.Errorf("got %v, %v", got, err)
	}
	got, err := saved(data).Load(t.Context(), source.Want{Kinds: []*model.Kind{model.Services.Kind, model.Pods.Kind}})
	if err != nil {
		t.Fatal(err)
	}
	want := []model.Gap{{Kind: model.Pods.GroupKind, Reason: "the saved snapshot was made without pods", Unasked: true}}
	if d := cmp.Diff(want, got.Gaps()); d != "" {
		t.Error(d)
	}
}

func TestSaveFile(t *testing.T) {
	s, err := live(t, world(t)).Load(t.Context(), source.Want{})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, compressed := range map[string]bool{"s.jsonl": false, "s.jsonl.gz": true} {
		path := filepath.Join(dir, name)
		if err := source.SaveFile(t.Context(), path, s, head); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil || bytes.HasPrefix(data, []byte{0x1f, 0x8b}) != compressed {
			t.Errorf("%s starts with %x, %v", name, data[:2], err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
		got, err := (&source.Saved{Path: path}).Load(t.Context(), source.Want{})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(names(s), names(got)); d != "" {
			t.Error(d)
		}
	}
	err = source.SaveFile(t.Context(), filepath.Join(dir, "missing", "s.jsonl"), s, head)
	if fault.KindOf(err) != fault.Failed {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := source.SaveFile(ctx, filepath.Join(dir, "cancelled"), s, head); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestSavedHoldsNoSecrets(t *testing.T) {
	const secret = "hunter2"
	mesh := func(namespace, name string) map[string]any {
		o := object(core, "ConfigMap", namespace, name)
		o["data"] = map[string]any{"mesh": "trustDomain: example.org", "other": secret}
		return o
	}
	key := object(core, "Secret", "shop", "db")
	key["data"], key["type"] = map[string]any{"password": "aHVudGVyMg=="}, "Opaque"
	key["metadata"].(map[string]any)["annotations"] = map[string]any{"kubectl.kubernetes.io/last-applied-configuration": secret}
	key["metadata"].(map[string]any)["managedFields"] = []any{map[string]any{"manager": "helm", "operation": "Update", "fieldsV1": map[string]any{"f:" + secret: map[string]any{}}}}
	pod := object(core, "Pod", "shop", "web")
	pod["spec"] = map[string]any{"containers": []any{map[string]any{
		"name": "app", "args": []any{"--password=" + secret},
		"env": []any{map[string]any{"name": "DB_PASSWORD", "value": secret}, map[string]any{"name": "PORT", "value": "80"}},
	}}}
	event := object(core, "Event", "shop", "web.1")
	event["message"] = "failed: https://me:" + secret + "@host/"
	s := apitest.New(t, mesh("istio-system", "istio"), mesh("shop", "istio"), key, pod, event)
	whole, err := live(t, s).Load(t.Context(), source.Want{ManagedFields: true})
	if err != nil {
		t.Fatal(err)
	}
	h := head
	h.Server = "https://me:" + secret + "@host"
	data := save(t, whole, h)
	for _, planted := range []string{secret, "aHVudGVyMg"} {
		if at := bytes.Index(data, []byte(planted)); at >= 0 {
			t.Errorf("%s is in %s", planted, data[max(0, at-200):])
		}
	}
	got, err := saved(data).Load(t.Context(), source.Want{}) // which does not leave out what was saved
	if err != nil {
		t.Fatal(err)
	}
	config, _ := model.ConfigMaps.Get(got, "istio-system", "istio")
	other, _ := model.ConfigMaps.Get(got, "shop", "istio")
	if config.Value.Data["mesh"] != "trustDomain: example.org" || other.Value.Data["mesh"] != "REDACTED" {
		t.Errorf("mesh configuration: %v, of others: %v", config.Value.Data, other.Value.Data)
	}
	if db, found := model.Secrets.Get(got, "shop", "db"); !found || len(db.Value.Data) > 0 || len(db.Value.ManagedFields) != 1 || db.Value.ManagedFields[0].Manager != "helm" {
		t.Errorf("the Secret is %+v", db.Value)
	}
	web, _ := model.Pods.Get(got, "shop", "web")
	if env := web.Value.Spec.Containers[0].Env; env[0].Value != "REDACTED" || env[1].Value != "80" {
		t.Errorf("the variables are %v", env)
	}
	if !strings.Contains(string(data), "https://me:REDACTED@host/") {
		t.Error("the event is lost")
	}
}

// Of a Secret in a file the keys are kept, which tell whether one is missing.
func TestSavedHoldsNoSecretsOfFiles(t *testing.T) {
	dir := tree(t, map[string]string{"db.yaml": `apiVersion: v1
kind: Secret
metadata: {name: db, namespace: shop, annotations: {kubectl.kubernetes.io/last-applied-configuration: hunter2}}
type: Opaque
data: {password: aHVudGVyMg==}
stringData: {user: hunter2}
`})
	whole, err := (&source.Files{Paths: []string{dir}}).Load(t.Context(), everything)
	if err != nil {
		t.Fatal(err)
	}
	data := save(t, whole, head)
	for _, planted := range []string{"hunter2", "aHVudGVyMg"} {
		if bytes.Contains(data, []byte(planted)) {
			t.Errorf("%s is in %s", planted, data)
		}
	}
	got, err := saved(data).Load(t.Context(), source.Want{})
	if err != nil {
		t.Fatal(err)
	}
	db, _ := model.Secrets.Get(got, "shop", "db")
	if _, has := db.Value.Data["password"]; !has || db.Value.Type != "Opaque" {
		t.Errorf("the Secret is %+v", db.Value)
	}
}
