// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package schema_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
)

// objects reads every object of the manifests below folders.
func objects(t testing.TB, roots ...string) []*manifest.Object {
	t.Helper()
	var all []*manifest.Object
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".yaml" {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			stream, err := manifest.Split(path, data)
			if err != nil {
				return err
			}
			for _, doc := range stream.Docs {
				found, _ := doc.Objects() // what is no object is not ours to judge
				all = append(all, found...)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestGoodManifests: every wrong alarm here would be one for somebody.
func TestGoodManifests(t *testing.T) {
	all := objects(t, "../../examples/shop-by-hand", "../../examples/shop-gateway-api", "../../test")
	if len(all) < 80 {
		t.Fatalf("found %d objects, expected the examples", len(all))
	}
	for _, o := range all {
		problems, known := schema.Check(o.Value)
		if !known && o.Value["kind"] != "CustomResourceDefinition" {
			t.Errorf("%s: no schema for %s %s", o.Where(""), o.Value["apiVersion"], o.Value["kind"])
		}
		for _, p := range problems {
			t.Errorf("%s: %+v", o.Where(p.Pointer), p)
		}
	}
}

// TestEveryField fills every field of the Go types that the program is built with.
// The schemas come from another release of Kubernetes; none of its fields may be
// called unknown or wrong.
func TestEveryField(t *testing.T) {
	for kind, object := range map[string]any{
		"v1 Pod": &corev1.Pod{}, "v1 Service": &corev1.Service{}, "v1 Node": &corev1.Node{}, "v1 ConfigMap": &corev1.ConfigMap{},
		"v1 Secret": &corev1.Secret{}, "v1 Namespace": &corev1.Namespace{}, "v1 PersistentVolume": &corev1.PersistentVolume{},
		"v1 PersistentVolumeClaim": &corev1.PersistentVolumeClaim{}, "v1 ServiceAccount": &corev1.ServiceAccount{},
		"v1 ResourceQuota": &corev1.ResourceQuota{}, "v1 LimitRange": &corev1.LimitRange{},
		"apps/v1 Deployment": &appsv1.Deployment{}, "apps/v1 StatefulSet": &appsv1.StatefulSet{}, "apps/v1 DaemonSet": &appsv1.DaemonSet{},
		"apps/v1 ReplicaSet": &appsv1.ReplicaSet{}, "batch/v1 Job": &batchv1.Job{}, "batch/v1 CronJob": &batchv1.CronJob{},
		"autoscaling/v2 HorizontalPodAutoscaler": &autoscalingv2.HorizontalPodAutoscaler{},
		"networking.k8s.io/v1 Ingress":           &networkingv1.Ingress{}, "networking.k8s.io/v1 NetworkPolicy": &networkingv1.NetworkPolicy{},
		"policy/v1 PodDisruptionBudget": &policyv1.PodDisruptionBudget{}, "storage.k8s.io/v1 StorageClass": &storagev1.StorageClass{},
		"rbac.authorization.k8s.io/v1 ClusterRole": &rbacv1.ClusterRole{}, "rbac.authorization.k8s.io/v1 RoleBinding": &rbacv1.RoleBinding{},
		"gateway.networking.k8s.io/v1 HTTPRoute": &gatewayv1.HTTPRoute{}, "gateway.networking.k8s.io/v1 Gateway": &gatewayv1.Gateway{},
		"gateway.networking.k8s.io/v1 GRPCRoute": &gatewayv1.GRPCRoute{},
	} {
		fill(reflect.ValueOf(object).Elem())
		data, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		var raw map[string]any
		if err := json.Unmarshal(data, &raw); err != nil {
			t.Fatal(err)
		}
		raw["apiVersion"], raw["kind"], _ = strings.Cut(kind, " ")
		problems, known := schema.Check(raw)
		if !known {
			t.Errorf("%s: no schema", kind)
		}
		for _, p := range problems {
			if p.Fault != schema.Enum && p.Fault != schema.Range { // the filling knows neither words nor bounds
				t.Errorf("%s: %+v", kind, p)
			}
		}
	}
}

// fill sets every field to something that is not its zero value.
func fill(v reflect.Value) {
	switch v.Interface().(type) {
	case resource.Quantity:
		v.Set(reflect.ValueOf(resource.MustParse("1Gi")))
		return
	case intstr.IntOrString:
		v.Set(reflect.ValueOf(intstr.FromString("http")))
		return
	case metav1.Time:
		v.Set(reflect.ValueOf(metav1.Unix(1, 0)))
		return
	case metav1.MicroTime:
		v.Set(reflect.ValueOf(metav1.NewMicroTime(metav1.Unix(1, 0).Time)))
		return
	case metav1.FieldsV1, runtime.RawExtension:
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key)
		fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64, reflect.Int:
		v.SetInt(1)
	case reflect.Uint8:
		v.SetUint(1)
	}
}
