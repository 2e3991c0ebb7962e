// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/redact"
)

func parse(t testing.TB, text string) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}

func TestObject(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{
			"a Secret",
			`{"apiVersion":"v1","kind":"Secret","type":"kubernetes.io/tls","data":{"tls.key":"eA==","tls.crt":""},"stringData":{"a":"b"},
			  "metadata":{"name":"tls","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}","a":"b"}}}`,
			`{"apiVersion":"v1","kind":"Secret","type":"kubernetes.io/tls","data":{"tls.key":null,"tls.crt":null},"stringData":{"a":null},
			  "metadata":{"name":"tls","annotations":{"a":"b"}}}`,
		},
		{"a Secret in a list", `{"kind":"List","items":[{"kind":"Secret","data":{"a":"eA=="}}]}`, `{"kind":"List","items":[{"kind":"Secret","data":{"a":null}}]}`},
		{"a Secret of no shape", `{"kind":"Secret","data":"x","stringData":["y"]}`, `{"kind":"Secret","data":null,"stringData":null}`},
		{
			"a ConfigMap", `{"kind":"ConfigMap","data":{"a":"b","mesh":"x: 1\ntoken: abc"},"binaryData":{"c":"eA=="}}`,
			`{"kind":"ConfigMap","data":{"a":"REDACTED","mesh":"x: 1\ntoken: REDACTED"},"binaryData":{"c":"REDACTED"}}`,
		},
		{
			"variables",
			`{"env":[{"name":"DB_PASSWORD","value":"x"},{"name":"PORT","value":"80"},{"name":"DSN","value":"x"},{"name":"URL","value":"amqp://a:b@c"},
			  {"name":"AT","value":"me:b@host/db"},{"name":"IMAGE","value":"nginx:1@sha256:0a"},{"name":"KEYCLOAK","value":"on"},{"name":"SIGNING_KEY","value":"x"},
			  {"name":"apiKey","value":"x"},{"name":"TOKEN","value":""},{"name":"PASS","valueFrom":{"secretKeyRef":{"name":"db","key":"password"}}}]}`,
			`{"env":[{"name":"DB_PASSWORD","value":"REDACTED"},{"name":"PORT","value":"80"},{"name":"DSN","value":"REDACTED"},{"name":"URL","value":"amqp://a:REDACTED@c"},
			  {"name":"AT","value":"REDACTED"},{"name":"IMAGE","value":"nginx:1@sha256:0a"},{"name":"KEYCLOAK","value":"on"},{"name":"SIGNING_KEY","value":"REDACTED"},
			  {"name":"apiKey","value":"REDACTED"},{"name":"TOKEN","value":""},{"name":"PASS","valueFrom":{"secretKeyRef":{"name":"db","key":"password"}}}]}`,
		},
		{
			"arguments", `{"args":["--password=x","--token","x","--key","-v","--tls-key=y","-c","PGPASSWORD=z psql","KEY=x","a=b","key"],"command":["--secret"]}`,
			`{"args":["--password=REDACTED","--token","REDACTED","--key","-v","--tls-key=REDACTED","-c","PGPASSWORD=REDACTED","KEY=REDACTED","a=b","key"],"command":["--secret"]}`,
		},
		{"a probe", `{"httpHeaders":[{"name":"Authorization","value":"x"},{"name":"Accept","value":"y"}]}`, `{"httpHeaders":[{"name":"Authorization","value":"REDACTED"},{"name":"Accept","value":"y"}]}`},
		{"fields", `{"password":"x","clientSecret":1,"token":{"a":"b"},"secretName":"s","credentialName":"c","imagePullSecrets":[{"name":"r"}]}`,
			`{"password":"REDACTED","clientSecret":"REDACTED","token":{"a":"b"},"secretName":"s","credentialName":"c","imagePullSecrets":[{"name":"r"}]}`},
		{
			"managers", `{"metadata":{"managedFields":[{"manager":"helm","operation":"Update","time":"t","fieldsV1":{"f:a":{}},"apiVersion":"v1"},1]}}`,
			`{"metadata":{"managedFields":[{"manager":"helm","operation":"Update","time":"t"},null]}}`,
		},
		{"an Event", `{"kind":"Event","message":"Get https://a:b@c: 401","note":"Bearer abcdef123"}`, `{"kind":"Event","message":"Get https://a:REDACTED@c: 401","note":"Bearer REDACTED"}`},
		{"other values", `{"a":[1,true,null,{"b":[]}],"c":null,"replicas":3}`, `{"a":[1,true,null,{"b":[]}],"c":null,"replicas":3}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := parse(t, c.in)
			got := redact.Object(in, "mesh")
			// Through JSON: an emptied entry may be a nil map.
			if d := cmp.Diff(parse(t, c.want), parse(t, text(t, got))); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(parse(t, c.in), in); d != "" {
				t.Errorf("the original changed: %s", d)
			}
			if d := cmp.Diff(got, redact.Object(got, "mesh")); d != "" {
				t.Errorf("again: %s", d)
			}
		})
	}
	if redact.Object(nil) != nil {
		t.Error("nil became something")
	}
}

func text(t testing.TB, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// FuzzObject: what is planted where a secret belongs never comes out, and
// redacting twice changes nothing.
func FuzzObject(f *testing.F) {
	f.Add("db-password", "hunter2", `{"a":[{"name":"x","value":"y"}]}`)
	f.Add("tls.key", "x", `{"kind":"Secret","data":{"a":"b"}}`)
	f.Add("password=", "token", `{"items":["--password","-x",{"kind":"ConfigMap","data":"x"}]}`)
	f.Fuzz(func(t *testing.T, key, secret, document string) {
		secret = secretOf(secret)
		name := "X_PASSWORD_" + secretOf(key)[3:]
		for _, in := range []map[string]any{
			{"kind": "Secret", "data": map[string]any{key: secret}, "stringData": map[string]any{key: secret}},
			{"kind": "ConfigMap", "data": map[string]any{key: secret}, "binaryData": map[string]any{key: secret}},
			{"spec": map[string]any{"env": []any{map[string]any{"name": name, "value": secret}}}},
			{"spec": map[string]any{"args": []any{"--" + name, secret, "--" + name + "=" + secret}, "token": secret}},
			{"message": "failed: https://user:" + secret + "@host/"},
			{"metadata": map[string]any{"annotations": map[string]any{"kubectl.kubernetes.io/last-applied-configuration": secret}}},
		} {
			out := redact.Object(in)
			if strings.Contains(strings.ReplaceAll(fmt.Sprint(out), key, ""), secret) && !strings.Contains(key, secret) {
				t.Fatalf("%v became %v", in, out)
			}
		}
		var any map[string]any
		if json.Unmarshal([]byte(document), &any) != nil {
			return
		}
		once := redact.Object(any)
		if d := cmp.Diff(once, redact.Object(once)); d != "" {
			t.Fatalf("%s: %s", document, d)
		}
	})
}

// What redacting a busy Pod costs.
func BenchmarkObject(b *testing.B) {
	object := map[string]any{"kind": "Pod", "metadata": map[string]any{"name": "web-1"}}
	var env []any
	for i := range 40 {
		env = append(env, map[string]any{"name": fmt.Sprintf("VARIABLE_%d", i), "value": "some ordinary value of a few words"})
	}
	object["spec"] = map[string]any{"containers": []any{map[string]any{"env": env, "args": []any{"--key=a", "--listen=:80"}}}}
	for b.Loop() {
		redact.Object(object)
	}
}
