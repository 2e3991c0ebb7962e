// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lift

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/redact"
)

// variable is one of the environment; key is that of the ConfigMap it is from.
type variable struct{ name, key, value string }

// confidential reports whether a value must not stand in a file: by its name, by
// what it looks like, or by a password in an address.
func confidential(name, value string) bool {
	if u, err := url.Parse(value); err == nil && u.User != nil {
		if _, has := u.User.Password(); has {
			return true
		}
	}
	return redact.Name(name) || redact.Text(value) != value
}

// asFile says where a variable's value has to go.
func asFile(name string) string {
	return "its value is not taken over, as it looks like a secret: put it into a Secret, and have the program read the file /var/run/SECRET/" + strings.ToLower(strings.ReplaceAll(name, "_", "-")) + " of secrets: [{name: SECRET}]"
}

// environment gathers the variables; which of them are addresses of services is
// decided once all services are known.
func (s *service) environment() {
	for _, from := range s.main.EnvFrom {
		s.envFrom(from)
	}
	for _, e := range s.main.Env {
		at := "env " + e.Name
		switch from := e.ValueFrom; {
		case from == nil:
			if strings.Contains(strings.ReplaceAll(e.Value, "$$", ""), "$(") {
				s.left(at, "it is made of other variables: write it out")
				continue
			}
			s.value(at, variable{name: e.Name, value: e.Value})
		case from.ConfigMapKeyRef != nil:
			r := from.ConfigMapKeyRef
			config, ok := model.ConfigMaps.Get(s.Snapshot, s.first().Ref.Namespace, r.Name)
			value, has := "", false
			if ok {
				value, has = config.Value.Data[r.Key]
			}
			if !has {
				s.left(at, "ConfigMap %s has no key %s here", r.Name, r.Key)
				continue
			}
			s.value(at, variable{e.Name, r.Key, value})
		case from.SecretKeyRef != nil:
			s.secret(from.SecretKeyRef.Name, from.SecretKeyRef.Key, "", from.SecretKeyRef.Optional)
			s.left(at, "secrets are files: have the program read /var/run/%s/%s", from.SecretKeyRef.Name, from.SecretKeyRef.Key)
		default:
			s.left(at, "an app file has no variables of fields of the pod: say it under patches")
		}
	}
}

func (s *service) envFrom(from corev1.EnvFromSource) {
	if r := from.SecretRef; r != nil {
		s.secret(r.Name, "", "", r.Optional)
		s.left("envFrom "+r.Name, "secrets are files: have the program read those in /var/run/%s", r.Name)
	}
	r := from.ConfigMapRef
	if r == nil {
		return
	}
	config, ok := model.ConfigMaps.Get(s.Snapshot, s.first().Ref.Namespace, r.Name)
	if !ok {
		s.left("envFrom "+r.Name, "there is no such ConfigMap here")
		return
	}
	for _, key := range slices.Sorted(maps.Keys(config.Value.Data)) {
		if name := from.Prefix + key; len(validation.IsEnvVarName(name)) == 0 {
			s.value("env "+name, variable{name, key, config.Value.Data[key]})
		}
	}
}

// value keeps a variable, the last of its name.
func (s *service) value(at string, v variable) {
	s.values = slices.DeleteFunc(s.values, func(old variable) bool { return old.name == v.name })
	if confidential(v.name, v.value) {
		s.left(at, "%s", asFile(v.name))
		return
	}
	m := s.Ports[mainPort(s.Ports)]
	if v.name == "PORT" && v.key == "" && portOf(v.value) != 0 && portOf(v.value) == cmp.Or(m.Target, m.Port) {
		return // every service has it
	}
	s.values = append(s.values, v)
}

// settle puts a variable where the app file has it: those of ConfigMaps under
// config, if their name is the one that is made of the key.
func (s *service) settle(v variable) {
	if v.key != "" && strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(v.key)) == v.name {
		if s.Config == nil {
			s.Config = map[string]string{}
		}
		s.Config[v.key] = v.value
		return
	}
	if s.Env == nil {
		s.Env = map[string]string{}
	}
	s.Env[v.name] = v.value
}

// secret adds a file of a Secret; all of its files without a key.
func (s *service) secret(name, key, mount string, optional *bool) {
	i := slices.IndexFunc(s.Secrets, func(f api.SecretFiles) bool { return f.Name == name })
	if i < 0 {
		i = len(s.Secrets)
		s.Secrets = append(s.Secrets, api.SecretFiles{Name: name, External: s.external(name), Optional: optional != nil && *optional})
	} else if len(s.Secrets[i].Files) == 0 && key != "" {
		return // all of its files are there
	}
	one := &s.Secrets[i]
	if mount != "" && mount != "/var/run/"+name {
		one.Mount = mount
	}
	if key == "" {
		one.Files = nil
	} else if !slices.Contains(one.Files, key) {
		one.Files = append(one.Files, key)
	}
}
