// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package update_test

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/layout"
	"github.com/kubectl-micro/kubectl-micro/pkg/update"
)

// tree are the files of a folder.
type tree map[string]string

func (tr tree) read(path string) ([]byte, error) {
	content, has := tr[path]
	if !has {
		return nil, fs.ErrNotExist
	}
	return []byte(content), nil
}

// objects are some of a system: the words are KIND/SERVICE=VALUE.
func objects(words ...string) app.Set {
	var out app.Set
	for _, word := range words {
		id, value, _ := strings.Cut(word, "=")
		kind, service, _ := strings.Cut(id, "/")
		out.Objects = append(out.Objects, map[string]any{
			"apiVersion": "v1", "kind": kind, "value": value, "other": "x",
			"metadata": map[string]any{"name": service, "namespace": "shop", "labels": map[string]any{"app.kubernetes.io/name": service}},
		})
	}
	return out
}

func withFile(set app.Set, path, content string, adopt bool) app.Set {
	set.Files = append(slices.Clone(set.Files), app.File{Path: path, Content: []byte(content), Adopt: adopt})
	return set
}

// run updates a tree.
func run(t *testing.T, tr tree, in update.Input) (update.Plan, error) {
	t.Helper()
	in.Read, in.Name = tr.read, "shop"
	if in.Settings.Layout == "" {
		in.Settings = update.Settings{Layout: layout.Flat, OutputDir: "k8s"}
	}
	if text, has := tr[update.LockFile]; has {
		lock, err := update.ReadLock(update.LockFile, []byte(text))
		if err != nil {
			return update.Plan{}, err
		}
		in.Lock = &lock
	}
	plan, err := update.Make(in)
	if err != nil {
		return plan, err
	}
	for _, c := range append(slices.Clone(plan.Changes), plan.State...) {
		if before, has := tr[c.Path]; has != (c.Before != nil) || before != string(c.Before) {
			t.Fatalf("%s is %q, not %q", c.Path, before, c.Before)
		}
		if has := c.After != nil; has {
			tr[c.Path] = string(c.After)
		} else {
			delete(tr, c.Path)
		}
	}
	return plan, nil
}

func must(t *testing.T, tr tree, set app.Set) update.Plan {
	t.Helper()
	plan, err := run(t, tr, update.Input{Set: set})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// told is a plan for people.
func told(p update.Plan) []string {
	var out []string
	for _, c := range p.Changes {
		did := "changed"
		switch {
		case c.Before == nil:
			did = "created"
		case c.After == nil:
			did = "deleted"
		}
		out = append(out, c.Path+" "+did)
	}
	for _, c := range p.Conflicts {
		out = append(out, fmt.Sprint("conflict ", c.Where, " ", c.Object, " ", c.Field))
	}
	return append(out, p.Notes...)
}

// TestUpdate: what becomes of files between two generations.
func TestUpdate(t *testing.T) {
	first := withFile(objects("Service/web=1", "Deployment/web=1", "Deployment/users=1"), "web/Dockerfile", "FROM a:1\nUSER 1\n", true)
	replace := func(path, from, to string) func(tree) {
		return func(tr tree) {
			if !strings.Contains(tr[path], from) {
				panic("no " + from + " in " + tr[path])
			}
			tr[path] = strings.Replace(tr[path], from, to, 1)
		}
	}
	remove := func(path string) func(tree) { return func(tr tree) { delete(tr, path) } }
	const stays = "deleted by hand, and stays so until update --restore brings it back: "
	second := withFile(objects("Service/web=2", "Deployment/web=2", "Deployment/users=1"), "web/Dockerfile", "FROM a:2\nUSER 1\n", true)
	for _, c := range []struct {
		name string
		by   func(tree) // what people change
		set  app.Set
		in   update.Input
		want []string
		// text is in a file then, or not with a ! before it.
		path, text string
	}{
		{name: "nobody changed it", set: second, want: []string{"k8s/web.yaml changed", "web/Dockerfile changed"}},
		{name: "nothing else is generated", by: replace("k8s/web.yaml", "other: x", "other: mine # why"), set: first},
		{name: "both, elsewhere", by: replace("k8s/web.yaml", "other: x", "other: mine # why"), set: second,
			want: []string{"k8s/web.yaml changed", "web/Dockerfile changed"}, path: "k8s/web.yaml", text: "other: mine # why\nvalue: '2'\n"},
		{name: "conflict", by: replace("k8s/web.yaml", "value: '1'", "value: mine"), set: second,
			want: []string{"k8s/web.yaml changed", "web/Dockerfile changed", "conflict k8s/web.yaml:10:1 Service shop/web /value"}, path: "k8s/web.yaml", text: "value: mine\n"},
		{name: "conflict, generated", by: replace("k8s/web.yaml", "value: '1'", "value: mine"), set: second, in: update.Input{Prefer: update.Generated},
			want: []string{"k8s/web.yaml changed", "web/Dockerfile changed"}, path: "k8s/web.yaml", text: "!mine"},
		{name: "text", by: replace("web/Dockerfile", "USER 1\n", "USER 1\nEXPOSE 80\n"), set: second,
			want: []string{"k8s/web.yaml changed", "web/Dockerfile changed"}, path: "web/Dockerfile", text: "EXPOSE 80"},
		{name: "conflict in a text", by: replace("web/Dockerfile", "FROM a:1", "FROM b"), set: second,
			want: []string{"k8s/web.yaml changed", "web/Dockerfile.micro-new created", "conflict web/Dockerfile:1  ", "web/Dockerfile.micro-new is what would be generated, to merge by hand"},
			path: "web/Dockerfile", text: "FROM b\n"},
		{name: "service gone", set: withFile(objects("Deployment/users=1"), "web/Dockerfile", "FROM a:1\nUSER 1\n", true),
			want: []string{"k8s/Kustomization changed", "k8s/web.yaml deleted"}},
		{name: "service gone, but changed", by: replace("k8s/web.yaml", "other: x", "other: mine"), set: objects("Deployment/users=1"),
			want: []string{"k8s/Kustomization changed", "web/Dockerfile deleted", "k8s/web.yaml is generated no more, but was changed: it stays, delete it when it is not needed"},
			path: "k8s/web.yaml", text: "mine"},
		{name: "object gone, but changed", by: replace("k8s/web.yaml", "value: '1'", "value: mine"), set: withFile(objects("Deployment/web=1", "Deployment/users=1"), "web/Dockerfile", "FROM a:1\nUSER 1\n", true),
			want: []string{"Service shop/web is generated no more, but was changed: it stays in k8s/web.yaml"}, path: "k8s/web.yaml", text: "mine"},
		{name: "file deleted", by: remove("k8s/users.yaml"), set: second,
			want: []string{"k8s/Kustomization changed", "k8s/web.yaml changed", "web/Dockerfile changed", stays + "Deployment shop/users"}, path: update.LockFile, text: "- Deployment shop/users\n"},
		{name: "text deleted", by: remove("web/Dockerfile"), set: second, want: []string{"k8s/web.yaml changed", stays + "web/Dockerfile"}, path: update.LockFile, text: "deleted:\n- web/Dockerfile\n"},
		{name: "kustomization deleted", by: remove("k8s/Kustomization"), set: first, want: []string{stays + "k8s/Kustomization"}, path: update.LockFile, text: "deleted:\n- k8s/Kustomization\n"},
		{name: "restored at once", by: remove("k8s/users.yaml"), set: first, in: update.Input{Restore: []string{"deployment/users"}}, want: []string{"k8s/users.yaml created"}, path: update.LockFile, text: "!deleted:"},
		{name: "file restored", by: remove("k8s/users.yaml"), set: first, in: update.Input{Restore: []string{"k8s/users.yaml"}}, want: []string{"k8s/users.yaml created"}},
		{name: "text restored", by: remove("web/Dockerfile"), set: first, in: update.Input{Restore: []string{"web/Dockerfile"}}, want: []string{"web/Dockerfile created"}},
		{name: "new service", set: withFile(objects("Service/web=1", "Deployment/web=1", "Deployment/users=1", "Deployment/z=1"), "web/Dockerfile", "FROM a:1\nUSER 1\n", true),
			want: []string{"k8s/Kustomization changed", "k8s/z.yaml created"}},
		{name: "an older update was cut short", by: func(tr tree) {
			other := tree{}
			must(t, other, second)
			for _, path := range []string{"k8s/web.yaml", update.BaseFolder + "/k8s/web.yaml"} {
				tr[path] = other[path]
			}
		}, set: second, want: []string{"web/Dockerfile changed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := tree{}
			must(t, tr, first)
			if c.by != nil {
				c.by(tr)
			}
			c.in.Set = c.set
			plan, err := run(t, tr, c.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, told(plan)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			text, not := strings.CutPrefix(c.text, "!")
			if c.path != "" && strings.Contains(tr[c.path], text) == not {
				t.Errorf("%s, want %q:\n%s", c.path, c.text, tr[c.path])
			}
			// A second time there is nothing to do, and to tell.
			before := maps.Clone(tr)
			again := must(t, tr, c.set)
			if diff := cmp.Diff(before, tr); diff != "" || len(told(again)) > 0 {
				t.Errorf("the second time: %v\n%s", told(again), diff)
			}
		})
	}
}

// TestDeletedStays: over several updates, also when the object was gone meanwhile.
func TestDeletedStays(t *testing.T) {
	tr := tree{}
	set := objects("Service/web=1", "Deployment/web=1")
	must(t, tr, set)
	service, _, _ := strings.Cut(tr["k8s/web.yaml"][4:], "---\n")
	tr["k8s/web.yaml"] = strings.Replace(tr["k8s/web.yaml"], "---\n"+service, "", 1)
	for _, value := range []string{"1", "2", "3"} {
		must(t, tr, objects("Service/web="+value, "Deployment/web="+value))
		if got := tr["k8s/web.yaml"]; strings.Contains(got, "kind: Service") || !strings.Contains(got, "value: '"+value) {
			t.Fatal(got)
		}
	}
	if _, err := run(t, tr, update.Input{Set: set, Restore: []string{"Service/web"}}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(tr["k8s/web.yaml"], service) {
		t.Fatal(tr["k8s/web.yaml"])
	}
	// What people write themselves is not deleted any more.
	delete(tr, "k8s/web.yaml")
	must(t, tr, set)
	tr["k8s/mine.yaml"] = service
	if _, err := run(t, tr, update.Input{Set: set, Restore: []string{"Service/nothing"}}); fault.KindOf(err) != fault.Usage || !strings.Contains(fault.All(err)[0].(*fault.Error).Hint, "service/web") {
		t.Errorf("%v", err)
	}
}

// TestUntouched: with nothing changed by hand, an update is a generation from
// scratch, in every layout.
func TestUntouched(t *testing.T) {
	sets := []app.Set{
		objects("Service/web=1", "Deployment/web=1"),
		withFile(objects("Deployment/web=2", "Deployment/users=1"), "Jenkinsfile", "a\n", false),
		objects("Service/users=1"),
		objects("Service/web=1", "Deployment/web=1"),
	}
	for _, l := range []string{layout.Flat, layout.Kustomize} {
		tr := tree{}
		for i, set := range sets {
			in := update.Input{Set: set, Settings: update.Settings{Layout: l, OutputDir: "k8s", Namespace: "n", SkipClusterScoped: true}}
			if _, err := run(t, tr, in); err != nil {
				t.Fatal(err)
			}
			scratch := tree{}
			if _, err := run(t, scratch, in); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(scratch, tr); diff != "" {
				t.Errorf("%s %d (-scratch +update):\n%s", l, i, diff)
			}
		}
	}
}

func TestAdopt(t *testing.T) {
	set := withFile(withFile(objects("Service/web=1", "Deployment/web=1"), "Jenkinsfile", "generated\n", false), "Dockerfile", "generated\n", true)
	there := tree{"k8s/web.yaml": "# ours\nkind: Deployment\napiVersion: v1\nmetadata: {name: web, namespace: shop}\nvalue: mine\n", "Jenkinsfile": "mine\n", "Dockerfile": "mine\n"}
	tr := maps.Clone(there)
	_, err := run(t, tr, update.Input{Set: set})
	if want := "expected no files where there are to be generated ones, found Jenkinsfile, k8s/web.yaml"; fault.KindOf(err) != fault.Refused || err.Error() != want {
		t.Fatalf("%v, want %s", err, want)
	}
	if diff := cmp.Diff(there, tr); diff != "" {
		t.Fatal(diff)
	}
	plan, err := run(t, tr, update.Input{Set: set, Adopt: true})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"k8s/Kustomization created", "k8s/web.yaml changed", "Dockerfile is not generated: it was there already"}
	if diff := cmp.Diff(want, told(plan)); diff != "" {
		t.Error(diff)
	}
	if got := tr["k8s/web.yaml"]; !strings.HasPrefix(got, there["k8s/web.yaml"]+"---\n") || !strings.Contains(got, "kind: Service") {
		t.Errorf("what is there stays, what is missing is added: %s", got)
	}
	plan = must(t, tr, withFile(objects("Service/web=2", "Deployment/web=1"), "Jenkinsfile", "generated\n", false))
	if diff := cmp.Diff([]string{"k8s/web.yaml changed"}, told(plan)); diff != "" {
		t.Error(diff)
	}
}

// A base that is lost is no harm where nobody changed anything.
func TestBaseLost(t *testing.T) {
	tr := tree{}
	must(t, tr, objects("Service/web=1"))
	delete(tr, update.BaseFolder+"/k8s/web.yaml")
	plan := must(t, tr, objects("Service/web=2"))
	if diff := cmp.Diff([]string{"k8s/web.yaml changed"}, told(plan)); diff != "" {
		t.Error(diff)
	}
}
