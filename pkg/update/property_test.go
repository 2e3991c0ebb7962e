// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package update_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/layout"
	"github.com/kubectl-micro/kubectl-micro/pkg/update"
)

var rounds = flag.Uint64("rounds", 25, "how many random updates to try")

// TestAnyUpdate generates random systems, has people change the files, changes the
// system, and updates. What becomes of every object is as a naive merge has it;
// what people wrote around it stays; and the rest is as the package says.
func TestAnyUpdate(t *testing.T) {
	for seed := range *rounds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 3))
			s := randomSystem(r)
			settings := update.Settings{Layout: []string{layout.Flat, layout.Kustomize}[seed%2], OutputDir: "k8s"}
			in := update.Input{Settings: settings, Set: generated(t, s), Prefer: []string{"", "", update.User, update.Generated}[r.IntN(4)]}
			tr := tree{}
			if _, err := run(t, tr, in); err != nil {
				t.Fatal(err)
			}
			builds(t, tr)
			base := maps.Clone(tr)
			h := hands{Rand: r, tree: tr}
			h.work()
			user := maps.Clone(tr)
			changeSystem(r, &s)
			in.Set = generated(t, s)
			plan := cutShort(t, r, tr, in)
			if !h.strange {
				builds(t, tr)
			}
			scratch := tree{}
			if _, err := run(t, scratch, update.Input{Settings: settings, Set: in.Set}); err != nil {
				t.Fatal(err)
			}
			c := comparison{T: t, base: base, user: user, generated: scratch, result: tr, plan: plan, wins: in.Prefer}
			c.objects()
			c.marks()
			c.untouched()
			again(t, tr, in)
			restores(t, r, tr, in)
			adopts(t, tr, in)
		})
	}
}

// cutShort updates a tree; also one in which only some of the steps were made
// before, which has to become the same.
func cutShort(t *testing.T, r *rand.Rand, tr tree, in update.Input) update.Plan {
	t.Helper()
	part := maps.Clone(tr)
	before := maps.Clone(tr)
	plan, err := run(t, tr, in)
	if err != nil {
		t.Fatal(err)
	}
	steps := plan.Steps()
	if len(steps) == 0 {
		return plan
	}
	made := r.IntN(len(steps))
	for _, c := range steps[:made] {
		if part[c.Path] = string(c.After); c.After == nil {
			delete(part, c.Path)
		}
	}
	if _, err := run(t, part, in); err != nil {
		t.Fatalf("after %d of %d steps: %v", made, len(steps), err)
	}
	if diff := cmp.Diff(tr, part); diff != "" {
		t.Fatalf("after %d of %d steps the rest is another (-whole +rest):\n%s", made, len(steps), diff)
	}
	// Everything that an update makes can be seen in it.
	for _, c := range steps {
		delete(before, c.Path)
		delete(part, c.Path)
	}
	if diff := cmp.Diff(before, part); diff != "" {
		t.Fatalf("a file changed that is in no step:\n%s", diff)
	}
	return plan
}

// again wants a second update to do nothing.
func again(t *testing.T, tr tree, in update.Input) {
	t.Helper()
	before := maps.Clone(tr)
	in.Prefer = ""
	plan, err := run(t, tr, in)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, tr); diff != "" || len(told(plan)) > 0 || len(plan.State) > 0 {
		t.Fatalf("the second time: %v\n%s", told(plan), diff)
	}
}

// restores brings back one of the objects that were deleted by hand.
func restores(t *testing.T, r *rand.Rand, tr tree, in update.Input) {
	t.Helper()
	lock, err := update.ReadLock("lock", []byte(tr[update.LockFile]))
	if err != nil {
		t.Fatal(err)
	}
	if len(lock.Deleted) == 0 {
		return
	}
	tr = maps.Clone(tr)
	one := lock.Deleted[r.IntN(len(lock.Deleted))]
	in.Restore = []string{one}
	cutShort(t, r, tr, in)
	if text := tr[update.LockFile]; strings.Contains(text, "\n- "+one+"\n") {
		t.Fatalf("%s was not restored:\n%s", one, text)
	}
	in.Restore = nil
	again(t, tr, in)
}

// adopts forgets what was generated, and takes what is there for the user's: no
// value of it changes, and the rest comes.
func adopts(t *testing.T, tr tree, in update.Input) {
	t.Helper()
	tr = maps.Clone(tr)
	maps.DeleteFunc(tr, func(path, _ string) bool { return strings.HasPrefix(path, update.Folder) })
	before := maps.Clone(tr)
	in.Adopt, in.Prefer = true, ""
	if _, err := run(t, tr, in); err != nil {
		t.Fatal(err)
	}
	for path, text := range before {
		if isKustomization(path) {
			continue
		}
		now := parse(t, path, tr[path])
		for key, o := range parse(t, path, text) {
			if diff := cmp.Diff(o.value, now[key].value); diff != "" {
				t.Fatalf("adopted %s of %s:\n%s", key, path, diff)
			}
		}
	}
	in.Adopt = false
	again(t, tr, in)
}

func isKustomization(p string) bool {
	return strings.EqualFold(strings.TrimSuffix(path.Base(p), ".yaml"), "kustomization")
}

// builds wants kustomize to take all that is generated.
func builds(t *testing.T, tr tree) {
	t.Helper()
	disk := filesys.MakeFsInMemory()
	for path, text := range tr {
		if err := disk.WriteFile("/"+path, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(tr)) {
		if !isKustomization(p) || strings.HasPrefix(p, update.Folder) {
			continue
		}
		if _, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(disk, "/"+path.Dir(p)); err != nil {
			t.Fatalf("%s: %v", p, err)
		}
	}
}

func generated(t *testing.T, s api.System) app.Set {
	t.Helper()
	set, err := app.Generate(s, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// randomSystem is one of some services.
func randomSystem(r *rand.Rand) api.System {
	s := api.System{
		TypeMeta: api.Type(api.KindSystem), Metadata: api.SystemMeta{Name: "shop", Email: "a@example.com"},
		Platform: api.Platform{Mesh: []string{"", "sidecar", "ambient"}[r.IntN(3)]}, Services: map[string]api.SystemService{},
	}
	for _, name := range []string{"web", "users", "system", "con"}[:1+r.IntN(4)] {
		s.Services[name] = randomService(r)
	}
	return s
}

func randomService(r *rand.Rand) api.SystemService {
	v := api.SystemService{
		Image: fmt.Sprintf("registry.example.com/a:1.%d.0", r.IntN(9)), Open: true,
		Ports:  map[string]api.SystemPort{"http": {Port: 8080}},
		Health: api.Health{Live: "/livez", Ready: "/readyz"},
		Env:    map[string]string{}, Config: map[string]string{},
	}
	for i := range r.IntN(4) {
		v.Env[fmt.Sprintf("A_%d", i)] = fmt.Sprint("v", r.IntN(3))
	}
	for _, key := range []string{"log-level", "mode"}[:r.IntN(3)] {
		v.Config[key] = []string{"info", "debug"}[r.IntN(2)]
	}
	if r.IntN(2) == 0 {
		v.Ports["http-metrics"] = api.SystemPort{Port: 9090 + int32(r.IntN(2))}
	}
	if r.IntN(3) == 0 {
		v.Scale = &api.Scale{Min: 3, Max: int32(5 + r.IntN(3))}
	}
	if r.IntN(3) == 0 {
		v.WritablePaths = []string{"/tmp", "/var/cache/a"}[:1+r.IntN(2)]
	}
	return v
}

// changeSystem changes some of a system.
func changeSystem(r *rand.Rand, s *api.System) {
	for range 1 + r.IntN(3) {
		names := slices.Sorted(maps.Keys(s.Services))
		name := names[r.IntN(len(names))]
		switch v := s.Services[name]; r.IntN(7) {
		case 0:
			if len(names) > 1 {
				delete(s.Services, name)
			}
		case 1:
			s.Services[fmt.Sprint("new", r.IntN(9))] = randomService(r)
		case 2:
			s.Platform.Mesh = []string{"", "sidecar", "ambient"}[r.IntN(3)]
		case 3:
			s.Services[name] = randomService(r)
		case 4:
			v.Image += "-next"
			s.Services[name] = v
		case 5:
			s.Metadata.Email = "b@example.com"
		case 6:
			v.Env = maps.Clone(v.Env)
			v.Env["NEXT"] = "1"
			s.Services[name] = v
		}
	}
}
