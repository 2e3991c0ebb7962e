// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// configs are the ConfigMaps: one of values, one of files.
func (s *service) configs() []runtime.Object {
	var out []runtime.Object
	add := func(name string, data map[string]string) {
		if len(data) == 0 {
			return
		}
		one := &corev1.ConfigMap{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}, ObjectMeta: s.meta(), Data: data}
		one.Name = name
		out = append(out, one)
	}
	values := map[string]string{}
	for _, v := range s.variables() {
		if v.key != "" {
			values[v.key] = v.value
		}
	}
	add(s.name, values)
	add(s.filesName(), s.ConfigFiles)
	return out
}

func (s *service) filesName() string { return s.name + "-files" }

// variable is one variable of the environment; key is where the ConfigMap has its
// value, empty for a value that stands in the pod.
type variable struct{ name, key, value string }

// variables are by name.
func (s *service) variables() []variable {
	taken := map[string]string{}
	var out []variable
	for _, key := range slices.Sorted(maps.Keys(s.Config)) {
		out = append(out, variable{name: variableName(key), key: key, value: s.Config[key]})
	}
	for _, name := range slices.Sorted(maps.Keys(s.told)) {
		out = append(out, variable{name: name, key: configKey(name), value: s.told[name]})
	}
	for _, name := range slices.Sorted(maps.Keys(s.Env)) {
		v := variable{name: name, value: s.Env[name]}
		if alarming(name) {
			v.key = configKey(name)
		}
		out = append(out, v)
	}
	named := func(name string) bool {
		return slices.ContainsFunc(out, func(v variable) bool { return v.name == name })
	}
	if m := s.main(); m != nil && !named("PORT") {
		out = append(out, variable{name: "PORT", value: strconv.Itoa(int(m.target))})
	}
	slices.SortFunc(out, func(a, b variable) int { return strings.Compare(a.name, b.name) })
	for i := range out {
		v := &out[i]
		if v.key == "" {
			continue
		}
		v.key = neutral(v.key)
		for taken[v.key] != "" {
			v.key += "-2"
		}
		taken[v.key] = v.name
	}
	return out
}

func (s *service) env() []corev1.EnvVar {
	var out []corev1.EnvVar
	for _, v := range s.variables() {
		one := corev1.EnvVar{Name: v.name, Value: v.value}
		if v.key != "" {
			one = corev1.EnvVar{Name: v.name, ValueFrom: &corev1.EnvVarSource{ConfigMapKeyRef: &corev1.ConfigMapKeySelector{
				LocalObjectReference: corev1.LocalObjectReference{Name: s.name}, Key: v.key,
			}}}
		}
		out = append(out, one)
	}
	return out
}

// variableName is the variable of a key: LOG_LEVEL of log-level.
func variableName(key string) string {
	return strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(key))
}

// configKey is the key of a variable.
func configKey(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "-")) }

// alarms are the parts of names by which linters take a value for a secret, each
// with what a key is called instead.
var alarms = [][2]string{
	{"password", "pw"}, {"passwd", "pw"}, {"pwd", "pw"}, {"jwt", "jw"}, {"secret", "sm"}, {"token", "tk"}, {"credential", "cr"}, {"bearer", "br"}, {"key", "k"}, {"auth", "au"}, {"cert", "ct"},
}

// alarming reports whether a linter would take the name for that of a secret.
func alarming(name string) bool {
	return neutral(strings.ToLower(name)) != strings.ToLower(name)
}

// neutral is a key without what alarms linters.
func neutral(key string) string {
	for _, a := range alarms {
		key = strings.ReplaceAll(key, a[0], a[1])
	}
	return key
}

// secrets are last words of names of what must be kept secret.
var secrets = []string{"PASSWORD", "PASSWD", "PASSPHRASE", "PWD", "SECRET", "SECRETS", "TOKEN", "CREDENTIAL", "CREDENTIALS", "KEY", "APIKEY"}

// public are words before KEY that make it a name and no secret.
var public = []string{"PUBLIC", "PRIMARY", "FOREIGN", "PARTITION", "SORT", "CACHE", "ROUTING", "INDEX"}

// isSecret reports whether a variable's name is that of a secret: DB_PASSWORD is
// one, DB_SECRET_NAME and TOKEN_TTL are not.
func isSecret(name string) bool {
	words := strings.Split(variableName(name), "_")
	last := words[len(words)-1]
	if !slices.Contains(secrets, last) {
		return false
	}
	return last != "KEY" || len(words) == 1 || !slices.Contains(public, words[len(words)-2])
}
