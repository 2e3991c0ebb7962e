// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tail

import (
	"context"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Kinds are those that have pods, in the order in which a bare name is tried.
var Kinds = []*model.Kind{
	model.Services.Kind, model.Deployments.Kind, model.StatefulSets.Kind, model.DaemonSets.Kind,
	model.Jobs.Kind, model.ReplicaSets.Kind, model.Pods.Kind,
}

// Resolve finds the pods that arguments mean: "svc/NAME" by the Service's
// selector, "deploy/NAME" and its like by the workload's, "pod/NAME", or a bare
// name, a Service's before a workload's before a pod's. Each argument needs a
// namespace. A name that does not exist is a usage error with near ones.
func Resolve(ctx context.Context, client *cluster.Client, namespace string, args []string) ([]Target, error) {
	var out []Target
	for _, arg := range args {
		kind, name, typed := strings.Cut(arg, "/")
		kinds := Kinds
		if !typed {
			name = arg
		} else {
			k, err := kindNamed(kind, name)
			if err != nil {
				return nil, err
			}
			kinds = []*model.Kind{k}
		}
		if name == "" || strings.Contains(name, "/") {
			return nil, fault.Usagef("expected a target such as svc/NAME or NAME, found %q", arg)
		}
		t, err := find(ctx, client, kinds, namespace, name)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// kindNamed finds the kind that is meant, of those that have pods.
func kindNamed(kind, name string) (*model.Kind, error) {
	k, known := model.KindNamed(kind)
	if known && slices.Contains(Kinds, k) {
		return k, nil
	}
	if known {
		return nil, fault.Usagef("expected a kind with pods behind it, found %s", k.Kind).Try("svc/%s | deploy/%s | pod/%s", name, name, name)
	}
	words := []string{"svc", "deploy", "sts", "ds", "job", "rs", "pod"}
	for _, k := range Kinds {
		words = append(words, strings.ToLower(k.Kind))
	}
	err := fault.Usagef("no kind is called %q", kind)
	if near := ref.Closest(strings.ToLower(kind), words); len(near) > 0 {
		return nil, err.Try("did you mean %s/%s?", near[0], name)
	}
	return nil, err.Try("svc/%s | deploy/%s | pod/%s", name, name, name)
}

// find asks for the object, kind after kind.
func find(ctx context.Context, client *cluster.Client, kinds []*model.Kind, namespace, name string) (Target, error) {
	for _, k := range kinds {
		raw, err := client.Get(ctx, ref.Ref{Group: k.Group, Kind: k.Kind, Namespace: namespace, Name: name})
		switch {
		case err == nil:
			return target(k, namespace, name, raw)
		case apierrors.IsNotFound(err):
		case apierrors.IsForbidden(err) && len(kinds) > 1:
		default:
			return Target{}, err
		}
	}
	return Target{}, missing(ctx, client, kinds, namespace, name)
}

// target reads whose pods an object has. Which they are says its selector, not
// the labels of its template, which may have been changed since.
func target(k *model.Kind, namespace, name string, raw map[string]any) (Target, error) {
	t := Target{Name: strings.ToLower(k.Kind) + "/" + name, Namespace: namespace}
	if k == model.Pods.Kind {
		t.Pod = name
		return t, nil
	}
	if k == model.Services.Kind {
		pairs, _, _ := unstructured.NestedStringMap(raw, "spec", "selector")
		if len(pairs) == 0 {
			return t, fault.Usagef("%s has no selector: no pods are behind it by their labels", t.Name).
				Try("kubectl get service %s -n %s -o yaml", name, namespace)
		}
		t.Selector = labels.SelectorFromSet(pairs)
		return t, nil
	}
	var selector metav1.LabelSelector
	spec, _, _ := unstructured.NestedMap(raw, "spec", "selector")
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(spec, &selector); err != nil {
		return t, fault.Failedf("the selector of %s cannot be read", t.Name).Because(err)
	}
	var err error
	if t.Selector, err = metav1.LabelSelectorAsSelector(&selector); err != nil {
		return t, fault.Failedf("the selector of %s cannot be used", t.Name).Because(err)
	}
	if t.Selector.Empty() { // would be every pod of the namespace
		return t, fault.Usagef("%s has no selector: no pods are its own by their labels", t.Name).
			Try("kubectl get %s %s -n %s -o yaml", k.Resource, name, namespace)
	}
	return t, nil
}

// missing explains that there is no such object, with near names.
func missing(ctx context.Context, client *cluster.Client, kinds []*model.Kind, namespace, name string) error {
	what := kinds[0].Kind
	if len(kinds) > 1 {
		what = "Service, workload or pod"
	}
	err := fault.Usagef("no %s is called %q in namespace %s", what, name, namespace)
	var names []string
	for _, k := range kinds {
		if k == model.ReplicaSets.Kind && len(kinds) > 1 {
			continue // nobody types their names
		}
		objects, listErr := client.List(ctx, k, cluster.ListOptions{Namespace: namespace, MetadataOnly: true})
		if listErr != nil {
			continue
		}
		for _, o := range objects {
			short := o.Ref.Name
			if len(kinds) == 1 {
				short = strings.ToLower(k.Kind) + "/" + short
			}
			names = append(names, short)
		}
	}
	if len(kinds) == 1 {
		name = strings.ToLower(kinds[0].Kind) + "/" + name
	}
	slices.Sort(names)
	if near := ref.Closest(name, slices.Compact(names)); len(near) > 0 {
		return err.Try("did you mean %s?", strings.Join(near, " or "))
	}
	return err.Try("kubectl get services,deployments,pods -n %s", namespace)
}

// Describe names targets in a few words.
func Describe(targets []Target) string {
	var out []string
	for _, t := range targets {
		switch {
		case t.Name != "":
			out = append(out, t.Name)
		case t.Namespace != "":
			out = append(out, "namespace "+t.Namespace)
		default:
			out = append(out, "all namespaces")
		}
	}
	return strings.Join(out, ", ")
}

// Containers calls visit with the containers of pods that are to be read, in the
// order of the pods.
func (t *Tailer) Containers(pods []*corev1.Pod, visit func(pod, container string)) {
	for _, p := range pods {
		for _, c := range t.parts(p) {
			visit(p.Name, c.name)
		}
	}
}

// Names are those of all containers of pods, in order, each once.
func Names(pods []*corev1.Pod) []string {
	var out []string
	(&Tailer{}).Containers(pods, func(_, name string) { out = append(out, name) })
	slices.Sort(out)
	return slices.Compact(out)
}
