// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/prom/promtest"
	"github.com/kubectl-micro/kubectl-micro/pkg/roles"
)

// Each command says with its roles what it says to an administrator, and misses every
// single right that is taken away.
func TestRBAC(t *testing.T) {
	if err := theBox.up(); err != nil {
		t.Fatal(err)
	}
	if err := theBox.world(t.Context(), "rbac", []string{"rbac"}); err != nil {
		t.Fatal(err)
	}
	files, err := shopFiles("rbac")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := theBox.apply(t.Context(), "rbac", files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := theBox.ready(t.Context(), "rbac", replicas); err != nil {
		t.Fatal(err)
	}
	admin := filepath.Join(t.TempDir(), "kubeconfig")
	if err := theBox.kubeconfig(admin, "rbac", "admin", ""); err != nil {
		t.Fatal(err)
	}
	url := promtest.Shared(t, "shop")
	for _, p := range proofs {
		for i, c := range p.commands {
			p.commands[i] = strings.ReplaceAll(c, "URL", url)
		}
		t.Run(p.name, func(t *testing.T) { p.run(t, admin) })
	}
}

func (p proof) run(t *testing.T, admin string) {
	rights := p.rights(t)
	client, err := dynamic.NewForConfig(theBox.admin)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.revoke(t, client) })
	var all errgroup.Group
	for i, r := range rights {
		if slices.Contains(p.besides, r.role) {
			continue
		}
		all.Go(func() error { return p.grant(t.Context(), client, rights, i) })
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	// The last of all: once it is known, the others are.
	if err := p.grant(t.Context(), client, rights, -1); err != nil {
		t.Fatal(err)
	}
	if err := p.settled(t.Context(), admin, rights); err != nil {
		t.Fatal(err)
	}
	var want []result
	p.begin(t, admin)
	for _, c := range p.commands {
		want = append(want, masked(microctl(t, admin, strings.Fields(c)...)))
	}
	p.begin(t, admin)
	for i, c := range p.commands {
		got := masked(microctl(t, admin, p.as(c, -1)...))
		if diff := cmp.Diff(want[i], got, cmp.AllowUnexported(result{})); diff != "" || missing.MatchString(got.stdout+got.stderr) {
			t.Errorf("%s: with %v it is not what an administrator sees (-administrator +role):\n%s%s", c, p.roles, diff, got.stderr)
		}
	}
	for i, r := range rights {
		if slices.Contains(p.besides, r.role) || r.group == model.NetworkPolicyAPI {
			continue // the box does not serve the latter; plugins/rights_test.go has what reads it
		}
		t.Run("without "+r.String(), func(t *testing.T) {
			if !p.writes {
				t.Parallel()
			}
			if !p.missed(t, admin, i, want) {
				t.Errorf("nobody misses it")
			}
		})
	}
}

// begin makes the world what it was before the commands.
func (p proof) begin(t *testing.T, admin string) {
	t.Helper()
	if p.first == "" {
		return
	}
	if _, err := output("kubectl", append([]string{"--kubeconfig", admin}, strings.Fields(p.first)...)...); err != nil {
		t.Fatal(err)
	}
}

// missed tells whether one of the commands says that a right is not there.
func (p proof) missed(t *testing.T, admin string, without int, want []result) bool {
	if p.writes {
		defer microctl(t, admin, strings.Fields(p.commands[len(p.commands)-1])...) // mostly nothing is left to take back
	}
	p.begin(t, admin)
	for i, c := range p.commands {
		got := masked(microctl(t, admin, p.as(c, without)...))
		if p.quiet && got != want[i] || missing.MatchString(got.stdout+got.stderr) {
			return true
		}
	}
	return false
}

// missing is what commands say of rights that they do not have.
var missing = regexp.MustCompile(`forbidden|may not be listed|not looked at: cannot`)

// passing is what differs between two runs, or between two users: ages, events, which
// are objects too, and above all those of the claim that is never bound.
var passing = regexp.MustCompile(`(?m)^.*persistentvolumeclaim/ledger .*\n| *\b[0-9]+(ms|s|m)\b *|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z|\b[0-9]+ objects\b| --as(-group)?=\S+`)

// masked is a result without what is passing. The pods of a log are read at the same
// time, so that the lines of stderr have no order.
func masked(r result) result {
	lines := strings.Split(passing.ReplaceAllString(r.stderr, ""), "\n")
	slices.Sort(lines)
	return result{passing.ReplaceAllString(r.stdout, ""), strings.Join(lines, "\n"), r.code}
}

// right is one verb on one resource.
type right struct{ role, group, resource, verb string }

func (r right) String() string { return r.role + " " + r.verb + " " + r.resource + "." + r.group }

// rights are the single rights of the roles.
func (p proof) rights(t *testing.T) []right {
	var out []right
	for _, name := range slices.Concat(p.besides, p.roles) {
		plugin, _, _ := strings.Cut(name, "-")
		before := len(out)
		for _, r := range roles.Of(plugin) {
			if r.Name != name {
				continue
			}
			var object rbacv1.ClusterRole
			if err := yaml.UnmarshalStrict([]byte(r.YAML), &object); err != nil {
				t.Fatal(err)
			}
			for _, rule := range object.Rules {
				for _, resource := range rule.Resources {
					for _, verb := range rule.Verbs {
						out = append(out, right{name, rule.APIGroups[0], resource, verb})
					}
				}
			}
		}
		if len(out) == before {
			t.Fatalf("there is no role %s", name)
		}
	}
	return out
}

// subject is the group that has all rights but one; -1 is none.
func (p proof) subject(without int) string { return fmt.Sprintf("rbac-%s-%d", p.name, without+1) }

// as is the command line of somebody who lacks one right.
func (p proof) as(command string, without int) []string {
	return append(strings.Fields(command), "--as", p.subject(without), "--as-group", p.subject(without))
}

// rbacAPI is the group of roles and bindings.
const rbacAPI = "rbac.authorization.k8s.io"

// grant gives a group all rights but one.
func (p proof) grant(ctx context.Context, client dynamic.Interface, rights []right, without int) error {
	for _, role := range slices.Concat(p.besides, p.roles) {
		meta := metav1.ObjectMeta{Name: p.subject(without) + "-" + role, Labels: map[string]string{"e2e": p.name}}
		object := &rbacv1.ClusterRole{TypeMeta: metav1.TypeMeta{APIVersion: rbacAPI + "/v1", Kind: "ClusterRole"}, ObjectMeta: meta}
		for i, r := range rights {
			if r.role == role && i != without {
				object.Rules = append(object.Rules, rbacv1.PolicyRule{APIGroups: []string{r.group}, Resources: []string{r.resource}, Verbs: []string{r.verb}})
			}
		}
		kind, namespace := "RoleBinding", "rbac"
		if p.all || strings.HasSuffix(role, "-cluster") {
			kind, namespace = "ClusterRoleBinding", ""
		}
		binding := &rbacv1.RoleBinding{
			TypeMeta: metav1.TypeMeta{APIVersion: rbacAPI + "/v1", Kind: kind}, ObjectMeta: meta,
			RoleRef:  rbacv1.RoleRef{APIGroup: rbacAPI, Kind: "ClusterRole", Name: meta.Name},
			Subjects: []rbacv1.Subject{{APIGroup: rbacAPI, Kind: rbacv1.GroupKind, Name: p.subject(without)}},
		}
		if err := create(ctx, client, "clusterroles", "", object); err != nil {
			return err
		}
		if err := create(ctx, client, strings.ToLower(kind)+"s", namespace, binding); err != nil {
			return err
		}
	}
	return nil
}

func create(ctx context.Context, client dynamic.Interface, resource, namespace string, object any) error {
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return err
	}
	_, err = of(client, resource, namespace).Create(ctx, &unstructured.Unstructured{Object: fields}, metav1.CreateOptions{})
	return err
}

func of(client dynamic.Interface, resource, namespace string) dynamic.ResourceInterface {
	kind := client.Resource(schema.GroupVersionResource{Group: rbacAPI, Version: "v1", Resource: resource})
	if namespace == "" {
		return kind
	}
	return kind.Namespace(namespace)
}

// revoke deletes what grant made outside of the namespace.
func (p proof) revoke(t *testing.T, client dynamic.Interface) {
	ctx := context.WithoutCancel(t.Context())
	for _, resource := range []string{"clusterroles", "clusterrolebindings"} {
		if err := of(client, resource, "").DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "e2e=" + p.name}); err != nil {
			t.Error(err)
		}
	}
}

// settled waits until the API server knows what was granted last.
func (p proof) settled(ctx context.Context, admin string, rights []right) error {
	return wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, patience, true, func(context.Context) (bool, error) {
		for _, r := range rights[max(0, len(rights)-1):] { // of the last binding
			resource, sub, _ := strings.Cut(r.resource, "/")
			if r.group != "" {
				resource += "." + r.group
			}
			args := []string{"--kubeconfig", admin, "auth", "can-i", r.verb, resource, "--subresource=" + sub, "--as", p.subject(-1), "--as-group", p.subject(-1)}
			if _, err := output("kubectl", args...); err != nil {
				return false, nil
			}
		}
		return true, nil
	})
}
