// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// lastApplied is where kubectl apply keeps the whole object, a Secret's values included.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// Object returns a copy of an object (decoded JSON) in which, at any depth,
//
//   - the data and stringData of Secrets are null under their keys;
//   - the data and binaryData of ConfigMaps are Mark under their keys, but for
//     those in keep, which go through Text;
//   - the value of a pair of name and value, such as an environment variable or a
//     header, is Mark if the name looks like one of a secret or the value like an
//     address with user and password;
//   - fields such as password, token and clientSecret are Mark;
//   - an item of a list is Mark if the one before is an option such as --password,
//     and so is what follows the = of one;
//   - the annotation of kubectl apply is gone, and of managedFields only manager,
//     operation and time are left;
//   - every other text has gone through Text.
//
// What is left has the types of the original and can be decoded like it. The
// names, the namespaces and the references of objects to each other stay.
// Redacting twice changes nothing more.
func Object(object map[string]any, keep ...string) map[string]any {
	r := redactor{keep: keep}
	return r.mapping(object)
}

type redactor struct{ keep []string }

// secretFields are fields, in lower case, that hold a secret in any kind.
var secretFields = []string{
	"password", "passwd", "passphrase", "token", "accesstoken", "authtoken", "bearertoken", "refreshtoken", "clientsecret",
	"apikey", "secretkey", "accesskey", "secretaccesskey", "privatekey", "authorization",
}

func (r redactor) mapping(m map[string]any) map[string]any {
	if m == nil {
		return nil
	}
	out := make(map[string]any, len(m))
	kind, _ := m["kind"].(string)
	for key, v := range m {
		switch {
		case kind == "Secret" && (key == "data" || key == "stringData"):
			out[key] = emptied(v)
		case kind == "ConfigMap" && (key == "data" || key == "binaryData"):
			out[key] = r.configData(v)
		case key == lastApplied:
		case key == "managedFields":
			out[key] = r.managers(v)
		case slices.Contains(secretFields, strings.ToLower(key)) && isScalar(v):
			out[key] = Mark
		default:
			out[key] = r.value(v)
		}
	}
	name, named := m["name"].(string)
	if value, ok := m["value"].(string); named && ok && value != "" && (Name(name) || hasUser(value)) {
		out["value"] = Mark
	}
	return out
}

func (r redactor) value(v any) any {
	switch v := v.(type) {
	case string:
		return Text(v)
	case map[string]any:
		return r.mapping(v)
	case []any:
		return r.list(v)
	}
	return v
}

// list hides what follows the options of commands.
func (r redactor) list(items []any) []any {
	if items == nil {
		return nil
	}
	out := make([]any, len(items))
	secret := false
	for i, item := range items {
		text, isText := item.(string)
		name, value, assigned := strings.Cut(text, "=")
		switch {
		case isText && secret && !strings.HasPrefix(text, "-"):
			out[i] = Mark
		case isText && assigned && value != "" && optionName.MatchString(name) && Name(name):
			out[i] = name + "=" + Mark
		default:
			out[i] = r.value(item)
		}
		secret = isText && strings.HasPrefix(text, "-") && optionName.MatchString(text) && Name(text)
	}
	return out
}

// optionName is what may stand before the = of an option or a variable.
var optionName = regexp.MustCompile(`^-{0,2}[A-Za-z_][\w.-]*$`)

// emptied keeps the keys.
func emptied(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	out := make(map[string]any, len(m))
	for key := range m {
		out[key] = nil
	}
	return out
}

func (r redactor) configData(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	out := make(map[string]any, len(m))
	for key, v := range m {
		out[key] = Mark // which is base64 as well
		if text, ok := v.(string); ok && slices.Contains(r.keep, key) {
			out[key] = Text(text)
		}
	}
	return out
}

// managers keeps of each entry who wrote, how and when.
func (r redactor) managers(v any) any {
	entries, ok := v.([]any)
	if !ok {
		return nil
	}
	out := make([]any, len(entries))
	for i, entry := range entries {
		m, _ := entry.(map[string]any)
		m = maps.Clone(m)
		maps.DeleteFunc(m, func(key string, _ any) bool { return key != "manager" && key != "operation" && key != "time" })
		out[i] = r.mapping(m)
	}
	return out
}

func isScalar(v any) bool {
	switch v.(type) {
	case string, int64, float64:
		return true
	}
	return false
}

var (
	secretWord = regexp.MustCompile(`(?i)` + names)
	// segment finds the words that names of secrets have between others: DB_PASS,
	// signingKey, tls-key. In the middle of a word they mean nothing (Keycloak).
	segment = regexp.MustCompile(`(?:^|[^A-Za-z])(?i:key|keys|pass|pw|dsn|auth|authorization|cookie|connectionstring|connstr)(?:$|[^A-Za-z])|[a-z0-9](?:Key|Keys|Pass|Dsn|DSN|Auth)(?:$|[^a-z])|(?i:connection[-_.]?string)`)
	// userInfo is an address without a scheme; a digest of an image looks like one.
	userInfo = regexp.MustCompile(`^[^\s:/@]+:[^\s@/][^\s@]*@`)
	digest   = regexp.MustCompile(`@sha(?:256|512):[0-9a-f]+$`)
)

// Name reports whether a name, such as the one of an environment variable or of
// a command's option, looks like one of a secret.
func Name(name string) bool {
	return anyIn(strings.ToLower(name), wordHints) && (secretWord.MatchString(name) || segment.MatchString(name))
}

// wordHints are what one of must be in a name, in lower case, for it to match.
var wordHints = append([]string{"pw", "dsn", "auth", "cookie", "conn"}, nameHints...)

// hasUser reports whether a value looks like an address with user and password.
func hasUser(value string) bool {
	return userInfo.MatchString(value) && !digest.MatchString(value)
}
