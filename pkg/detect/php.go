// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"encoding/json"
	"path"
)

// php knows PHP by composer.json, or by a page that is a program.
var php = detector{name: "php", Match: matchPHP, Facts: factsPHP}

func matchPHP(u *unit) {
	if f := u.file("composer.json"); f != nil {
		u.add(language, f.head(), "php", "composer.json", metadata)
		u.add(build, f.head(), "composer", "composer.json", metadata)
		var c struct {
			Name string `json:"name"`
		}
		if json.Unmarshal([]byte(f.text()), &c) == nil && c.Name != "" {
			u.add(title, f.key("name"), path.Base(c.Name), "composer.json name", metadata)
		}
	}
	for _, dir := range []string{"", "public"} {
		if f := u.file(dir, "index.php"); f != nil {
			u.add(language, f.head(), "php", "index.php", source)
		}
	}
}

var phpManifest = []rule{
	{framework, "laravel", "laravel/framework", nil, "laravel", metadata},
	{framework, "symfony", "symfony/framework-bundle", nil, "symfony", metadata},
	{framework, "slim", "slim/slim", nil, "slim", metadata},
}

var phpEnv = []envRule{
	{"env with default", "env(", re(`\benv\(\s*['"]([A-Z][A-Z0-9_]*)['"],\s*['"]?([^'")]*)`), optional},
	{"env", "env(", re(`\benv\(\s*['"]([A-Z][A-Z0-9_]*)['"]\s*\)`), ""},
	{"getenv with default", "getenv(", re(`\bgetenv\(\s*['"]([A-Z][A-Z0-9_]*)['"]\s*\)\s*\?:\s*['"]?([^'";)]*)`), optional},
	{"getenv", "getenv(", re(`\bgetenv\(\s*['"]([A-Z][A-Z0-9_]*)['"]\s*\)(?:\s*[^?\s]|\s*$)`), ""},
	{"$_ENV with default", "$_ENV[", re(`\$_(?:ENV|SERVER)\[\s*['"]([A-Z][A-Z0-9_]*)['"]\s*\]\s*\?\?\s*['"]?([^'";)]*)`), optional},
	{"$_ENV", "$_ENV[", re(`\$_ENV\[\s*['"]([A-Z][A-Z0-9_]*)['"]\s*\](?:\s*[^?\s]|\s*$)`), ""},
}

func factsPHP(u *unit) {
	if f := u.file("composer.json"); f != nil {
		u.apply([]*file{f}, phpManifest)
	}
	u.environment(u.ending(".php"), phpEnv)
	for _, name := range []string{"public/index.php", "index.php"} {
		f := u.file(name)
		if f == nil {
			continue
		}
		u.add(entry, f.head(), name, "front controller", source+5)
		u.add(protocol, f.head(), "http", "front controller", source)
		u.add(port, f.head(), "8080", "php by convention", convention)
	}
	if f := u.file("artisan"); f != nil {
		u.add(framework, f.head(), "laravel", "artisan", metadata)
	}
}
