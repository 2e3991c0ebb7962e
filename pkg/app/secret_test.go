// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
)

// TestExternalSecrets asks for each Secret once, and for what is mounted of it.
func TestExternalSecrets(t *testing.T) {
	worker := func(secrets ...api.SecretFiles) api.SystemService {
		return api.SystemService{Kind: "worker", Image: "a:1", Secrets: secrets}
	}
	set := generate(t, api.System{Metadata: api.SystemMeta{Name: "shop"}, Services: map[string]api.SystemService{
		"a": worker(api.SecretFiles{Name: "db", Files: []string{"url", "ca"}, External: "vault/shop/db"}, api.SecretFiles{Name: "own"}),
		"b": worker(api.SecretFiles{Name: "db", Files: []string{"url"}, External: "vault/shop/db"}, api.SecretFiles{Name: "mail", External: "vault/shop/mail"}),
	}}, app.Options{})
	golden(t, "secrets.yaml", kinds(set, "ExternalSecret"))
	last, first := 0, len(set.Objects)
	for i, o := range set.Objects {
		switch o["kind"] {
		case "ExternalSecret":
			last = max(last, i)
		case "Deployment":
			first = min(first, i)
		}
	}
	if last > first {
		t.Errorf("the last ExternalSecret is at %d, after the first Deployment at %d", last, first)
	}
}

// TestSecretErrors gives what is wrong with secrets a place, and refuses values
// that cannot be anything else.
func TestSecretErrors(t *testing.T) {
	web := func(fields string) string {
		return "services:\n  web:\n    image: web:1\n    ports: {http: 8080}\n    " + fields + "\n"
	}
	const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
	errorTable(t, []errorCase{
		{"no key", web("secrets: [{name: db, external: vault}]"), `m.yaml:8:26: expected STORE/KEY, a ClusterSecretStore and what it has, found "vault" | vault/shop/user-db`},
		{"store", web("secrets: [{name: db, external: Vault/x}]"), `m.yaml:8:26: expected STORE/KEY, a ClusterSecretStore and what it has, found "Vault/x" | vault/shop/user-db`},
		{"two sources", web("secrets: [{name: db, external: vault/a}]") + "  x: {kind: worker, image: 'x:1', secrets: [{name: db, external: vault/b}]}\n", `m.yaml:9:56: expected one source of the Secret db, found vault/a for web and vault/b for x | vault/a`},
		{"token", web("env: {LICENCE: " + token + "}"), "m.yaml:8:11: expected no key or token, found one in the value of LICENCE | have it in a Secret that is mounted as files: secrets: [{name: licence}], or --secret-file licence=/var/run/licence"},
		{"file", web("configFiles: {a.pem: '-----BEGIN RSA PRIVATE KEY-----'}"), "m.yaml:8:19: expected no key or token, found one in the file a.pem | have it in a Secret that is mounted as files: secrets: [{name: a.pem}], or --secret-file a.pem=/var/run/a.pem"},
	})
}

// TestNeutralKeys hides what alarms linters from names and keys, without mixing up
// what then has the same key.
func TestNeutralKeys(t *testing.T) {
	set := generate(t, api.System{Metadata: api.SystemMeta{Name: "shop"}, Services: map[string]api.SystemService{"a": {
		Kind: "worker", Image: "a:1",
		Env:    map[string]string{"TOKEN_TTL": "5m", "JWT_ISSUER": "i", "OLDPWD_DIR": "/old", "PLAIN": "p", "keyCloakUrl": "k"},
		Config: map[string]string{"tk-ttl": "6m", "tk-ttl-2": "7m", "secret.name": "s"},
	}}}, app.Options{})
	golden(t, "neutral.yaml", kinds(set, "ConfigMap", "Deployment"))
}
