// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// recipes counts the Dockerfiles that services name.
func recipes(services []pair) int {
	names := map[string]bool{}
	for _, p := range services {
		if v := field(p.value, "build", "dockerfile"); v != nil {
			names[v.Value] = true
		}
	}
	return len(names)
}

// placed finds the folder of a service that is built in a folder above it: that of
// its Dockerfile, if there are sources in it or its context has several. It reports false for what is not a
// service of this tree: a store, another image of the same folder, or a Dockerfile
// that cannot be found.
func (s *scan) placed(c *composedService, recipe *yaml.Node, alone bool) bool {
	dockerfile := path.Join(c.dir, "Dockerfile")
	if recipe != nil {
		dockerfile = path.Join(c.dir, expand(recipe.Value, s.tree.file(c.file.dir(), ".env")))
	}
	f := s.tree.file(dockerfile)
	switch {
	case f == nil && recipe != nil:
		s.tree.note("%s:%d: %s: no such file", c.file.path, recipe.Line, recipe.Value)
		return false
	case f == nil:
		return true
	case s.store(f):
		return false
	case testImage.MatchString(f.base()), f.base() != "Dockerfile" && s.tree.file(f.dir(), "Dockerfile") != nil:
		return false
	case f.dir() == c.dir && tools(f) && !s.sourced(c.dir):
		s.tree.note("%s: an image of tools, without sources: not a service", c.dir)
		return false
	}
	if dir := f.dir(); dir != c.dir && within(c.dir, dir) && (!alone || s.sourced(dir)) {
		c.dir, c.context = dir, c.dir
	}
	return true
}

// tools reports whether a Dockerfile ends in the image of a language, copying nothing:
// the sources are mounted while somebody works on them.
func tools(f *file) bool {
	all := stages(f)
	if len(all) == 0 {
		return false
	}
	last := all[len(all)-1]
	for _, one := range last.Instructions {
		if one.Word == "CMD" || one.Word == "ENTRYPOINT" || one.Word == "EXPOSE" {
			return false
		}
	}
	return slices.ContainsFunc(images, func(i imageOf) bool { return i.language != "static" && i.re.MatchString(last.Image) })
}

// sourced reports whether there is something to build in a folder.
func (s *scan) sourced(dir string) bool {
	for _, f := range s.tree.files {
		if within(dir, f.path) && (isMarker(f) || sourceFile[path.Ext(f.path)]) {
			return true
		}
	}
	return false
}

var interpolated = re(`\$\{(\w+)(?::?-([^}]*))?\}`)

// expand puts variables of the file .env into a text, or their defaults.
func expand(text string, env *file) string {
	return interpolated.ReplaceAllStringFunc(text, func(v string) string {
		m := interpolated.FindStringSubmatch(v)
		if env == nil {
			return m[2]
		}
		for n := 1; n <= env.lines(); n++ {
			if name, value, ok := strings.Cut(env.line(n), "="); ok && name == m[1] {
				return strings.Trim(value, `"' `)
			}
		}
		return m[2]
	})
}
