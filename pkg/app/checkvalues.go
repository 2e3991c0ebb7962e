// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// maxConfigMap is what an API server takes, in bytes.
const maxConfigMap = 1 << 20

// values checks what the environment is made of.
func (c *checker) values(at string, s api.SystemService) {
	from := map[string]string{} // by variable
	add := func(pointer, key, name, value string) {
		if other, taken := from[name]; taken {
			c.fail(pointer, "leave one of them out", "expected one value of the variable %s, found one of %s and one of %s", name, other, key)
		}
		from[name] = key
		switch {
		case len(validation.IsEnvVarName(name)) > 0:
			c.fail(pointer, "LOG_LEVEL", "expected a name of a variable, found %q", name)
		case isSecret(name):
			c.fail(pointer, secretHint(name), "expected no secret among the values, found one of %s", key)
		case hasPassword(value):
			c.fail(pointer, secretHint(name), "expected no password in a URL, found one in the value of %s", key)
		case issued.MatchString(value):
			c.fail(pointer, secretHint(name), "expected no key or token, found one in the value of %s", key)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Env)) {
		add(patch.Join(at+"/env", name), name, name, s.Env[name])
	}
	for _, key := range slices.Sorted(maps.Keys(s.Config)) {
		pointer := patch.Join(at+"/config", key)
		if len(validation.IsConfigMapKey(key)) > 0 {
			c.fail(pointer, "log-level", "expected a key of a ConfigMap, found %q", key)
		}
		add(pointer, key, variableName(key), s.Config[key])
	}
	for i, d := range s.DependsOn {
		name := envOf(d)
		add(fmt.Sprintf("%s/dependsOn/%d", at, i), d.Service, name, "")
	}
	size := 0
	for _, name := range slices.Sorted(maps.Keys(s.ConfigFiles)) {
		size += len(s.ConfigFiles[name])
		here := patch.Join(at+"/configFiles", name)
		if len(validation.IsConfigMapKey(name)) > 0 {
			c.fail(here, "app.conf", "expected a name of a file, found %q", name)
		}
		if issued.MatchString(s.ConfigFiles[name]) {
			c.fail(here, secretHint(name), "expected no key or token, found one in the file %s", name)
		}
	}
	if size > maxConfigMap {
		c.fail(at+"/configFiles", "put them into the image", "expected at most 1 MiB of files, found %d bytes", size)
	}
}

// issued finds what cannot be anything but a secret, whatever it is called:
// private keys, JSON Web Tokens, keys of AWS and tokens of GitHub.
var issued = regexp.MustCompile(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY|eyJ[\w-]{5,}\.eyJ[\w-]{5,}\.|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_\w{16,}`)

func secretHint(name string) string {
	file := strings.ToLower(strings.ReplaceAll(name, "_", "-"))
	return "have it in a Secret that is mounted as files: secrets: [{name: " + file + "}], or --secret-file " + file + "=/var/run/" + file
}

// directories checks what is mounted, and that nothing is mounted over another.
func (c *checker) directories(at, name string, s api.SystemService) {
	mounts, volumes := map[string]string{}, map[string]string{}
	add := func(pointer, volume, dir string) {
		if !path.IsAbs(dir) || path.Clean(dir) != strings.TrimSuffix(dir, "/") || strings.Contains(dir, ":") {
			c.fail(pointer, "/var/run/"+name, "expected an absolute directory without .., found %q", dir)
			return
		}
		dir = path.Clean(dir)
		if other, taken := mounts[dir]; taken {
			c.fail(pointer, "name another directory", "expected each directory once, found %s for %s and %s", dir, other, volume)
		} else if len(validation.IsDNS1123Label(volume)) > 0 {
			c.fail(pointer, "", "expected a directory whose name makes a name of a volume, found %q", dir)
		} else if other, taken := volumes[volume]; taken {
			c.fail(pointer, "rename one of them", "expected each volume once, found %s for %s and %s", volume, other, dir)
		}
		mounts[dir], volumes[volume] = volume, dir
	}
	for i, secret := range s.Secrets {
		here := fmt.Sprintf("%s/secrets/%d", at, i)
		if len(validation.IsDNS1123Label(secret.Name)) > 0 {
			c.fail(here+"/name", suggest(secret.Name), "expected a name of a Secret, found %q", secret.Name)
			continue
		}
		dir := secret.Mount
		if dir == "" {
			dir = "/var/run/" + secret.Name
		}
		add(here, strings.TrimPrefix(secret.Name, name+"-"), dir)
		for j, file := range secret.Files {
			if len(validation.IsConfigMapKey(file)) > 0 {
				c.fail(fmt.Sprintf("%s/files/%d", here, j), "password", "expected a name of a file, found %q", file)
			}
		}
	}
	for i, v := range s.Volumes {
		add(fmt.Sprintf("%s/volumes/%d", at, i), v.Name, v.Mount)
	}
	if len(s.ConfigFiles) > 0 {
		add(at+"/configFiles", "config-files", "/etc/"+name)
	}
	dirs := s.WritablePaths
	if len(dirs) == 0 {
		dirs = []string{"/tmp"}
	}
	for i, dir := range dirs {
		add(fmt.Sprintf("%s/writablePaths/%d", at, i), volumeOf(dir), dir)
	}
}

// source checks where sources are: nothing is read outside of the file's folder.
func (c *checker) source(at, dir string) {
	if dir != "" && (!fs.ValidPath(path.Clean(dir)) || strings.ContainsAny(dir, "\\\x00")) {
		c.fail(at, "./"+cmp.Or(suggest(path.Base(strings.ReplaceAll(dir, "\\", "/"))), "app"), "expected a folder within that of the app file, as a slash path, found %q", dir)
	}
}
