// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// kustomize builds a directory as "kubectl kustomize" does, from local files:
// nothing is cloned or fetched, and no plugin and no helm is run.
func kustomize(dir string) ([]byte, error) {
	if isRemote(dir) {
		return nil, remote(dir, dir, dir)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, unreadable(dir, err)
	}
	if !info.IsDir() {
		return nil, fault.Usagef("expected the directory of a kustomization, found a file").At(dir).Try("-k %s", filepath.Dir(dir))
	}
	if err := onlyLocal(dir, dir, map[string]bool{}); err != nil {
		return nil, err
	}
	objects, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		return nil, fault.Failedf("cannot build the kustomization").At(dir).Because(err)
	}
	data, err := objects.AsYaml()
	if err != nil {
		return nil, fault.Failedf("cannot print what the kustomization built").At(dir).Because(err)
	}
	return data, nil
}

// onlyLocal follows a kustomization through its local bases and returns an error
// at the first thing that kustomize would take from the network. Whatever else
// is wrong with it, kustomize says better.
func onlyLocal(root, dir string, seen map[string]bool) error {
	if seen[dir] {
		return nil
	}
	seen[dir] = true
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		file := filepath.Join(dir, name)
		data, err := readFile(file)
		if err != nil {
			continue
		}
		var k types.Kustomization
		if k.Unmarshal(data) != nil {
			continue
		}
		for _, p := range references(&k) {
			if isRemote(p) {
				return remote(file, p, root)
			}
			at := filepath.Join(dir, p)
			if info, err := os.Stat(at); err == nil && info.IsDir() {
				if err := onlyLocal(root, at, seen); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// references lists what a kustomization takes from elsewhere.
func references(k *types.Kustomization) []string {
	//lint:ignore SA1019 old kustomizations still say bases
	out := slices.Concat(k.Resources, k.Components, k.Bases, k.Crds, k.Configurations, k.Generators, k.Transformers, k.Validators)
	out = append(out, k.OpenAPI["path"])
	//lint:ignore SA1019 and patchesJson6902
	for _, p := range slices.Concat(k.Patches, k.PatchesJson6902) {
		out = append(out, p.Path)
	}
	//lint:ignore SA1019 and patchesStrategicMerge
	for _, p := range k.PatchesStrategicMerge {
		out = append(out, string(p))
	}
	for _, r := range k.Replacements {
		out = append(out, r.Path)
	}
	for _, g := range k.ConfigMapGenerator {
		out = append(out, generated(g.KvPairSources)...)
	}
	for _, g := range k.SecretGenerator {
		out = append(out, generated(g.KvPairSources)...)
	}
	// Inline patches, generators and transformers are YAML, not paths.
	return slices.DeleteFunc(out, func(p string) bool { return p == "" || strings.Contains(p, "\n") })
}

// generated lists the files of a generator, which may be written as key=path.
func generated(from types.KvPairSources) []string {
	out := append(slices.Clone(from.EnvSources), from.EnvSource)
	for _, f := range from.FileSources {
		if _, path, named := strings.Cut(f, "="); named {
			f = path
		}
		out = append(out, f)
	}
	return out
}

// isRemote recognises what kustomize takes for a URL or a git repository
// (api/internal/git/repospec.go and loader.IsRemoteFile).
func isRemote(path string) bool {
	for _, prefix := range []string{"git@", "git::", "github.com/", "github.com:", "gh:"} {
		if strings.HasPrefix(strings.ToLower(path), prefix) {
			return true
		}
	}
	return strings.Contains(path, "://") || strings.Contains(path, "?ref=")
}

func remote(file, what, root string) error {
	return fault.Failedf("expected local files, found the remote %s", what).At(file).
		Try("let kustomize fetch it: kustomize build '%s' | kubectl micro ... -f -", root)
}
