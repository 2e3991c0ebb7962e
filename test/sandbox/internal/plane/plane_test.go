// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package plane_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/plane"
)

var now = time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)

func TestArgs(t *testing.T) {
	ports, err := plane.PortsFrom([]int{1, 2, 3, 4, 5, 6, 7})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		plane.Etcd:              {"--listen-client-urls=http://127.0.0.1:1", "--listen-peer-urls=http://127.0.0.1:2", "--data-dir=/box/etcd"},
		plane.APIServer:         {"--etcd-servers=http://127.0.0.1:1", "--secure-port=3", "--authorization-mode=Node,RBAC", "--audit-log-path=/box/audit.log"},
		plane.ControllerManager: {"--secure-port=4", "--service-account-private-key-file=/box/pki/service-account.key"},
		plane.Scheduler:         {"--secure-port=5", "--config=/box/scheduler.yaml"},
		plane.Kwok:              {"--config=/box/kwok.yaml"},
		plane.MetricsServer:     {"--secure-port=7", "--kubeconfig=/box/pki/metrics-server.kubeconfig"},
	}
	for _, component := range append(plane.Components, plane.MetricsServer) {
		args, err := plane.Args(component, "/box", ports)
		if err != nil {
			t.Fatal(err)
		}
		joined := "\n" + strings.Join(args, "\n") + "\n"
		for _, arg := range want[component] {
			if !strings.Contains(joined, "\n"+arg+"\n") {
				t.Errorf("%s: expected %s in %v", component, arg, args)
			}
		}
		// Nothing may listen on anything but loopback.
		if strings.Contains(joined, "0.0.0.0") {
			t.Errorf("%s listens everywhere: %v", component, args)
		}
	}
	if _, err := plane.Args("kubelet", "/box", ports); err == nil {
		t.Error("expected an error for a component that does not exist")
	}
	if _, err := plane.PortsFrom([]int{1, 2}); err == nil {
		t.Error("expected an error for too few ports")
	}
}

// verify checks a certificate against an authority at a moment.
func verify(t *testing.T, authority *plane.Authority, pair *plane.KeyPair, at time.Time, usage x509.ExtKeyUsage) (*x509.Certificate, error) {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority.CertPEM) {
		t.Fatal("the authority has no PEM certificate")
	}
	block, _ := pem.Decode(pair.Cert)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	_, err = cert.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{usage}})
	return cert, err
}

func TestAuthoritySignsUsers(t *testing.T) {
	authority, _, err := plane.NewAuthority(now)
	if err != nil {
		t.Fatal(err)
	}
	valid, err := authority.Access("box", "https://127.0.0.1:3", "bob", []string{"dev", "ops"}, now)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := verify(t, authority, valid.Pair, now, x509.ExtKeyUsageClientAuth)
	if err != nil {
		t.Error(err)
	}
	if cert.Subject.CommonName != "bob" || !cmp.Equal(cert.Subject.Organization, []string{"dev", "ops"}) {
		t.Errorf("expected bob of dev and ops, found %v", cert.Subject)
	}
	if _, err := verify(t, authority, valid.Pair, now, x509.ExtKeyUsageServerAuth); err == nil {
		t.Error("expected a client's certificate to be of no use to a server")
	}
	expired, err := authority.ExpiredAccess("box", "https://127.0.0.1:3", "bob", nil, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verify(t, authority, expired.Pair, now, x509.ExtKeyUsageClientAuth); err == nil {
		t.Error("expected an expired certificate")
	}
	if _, err := verify(t, authority, expired.Pair, now.Add(-90*time.Minute), x509.ExtKeyUsageClientAuth); err != nil {
		t.Errorf("expected the certificate to have been valid before: %v", err)
	}
	if _, err := authority.Access("box", "", "", nil, now); err == nil {
		t.Error("expected an error for an empty user")
	}
}

func TestKubeconfig(t *testing.T) {
	data, err := plane.Access{Cluster: "box", Server: "https://127.0.0.1:3", CA: []byte("ca"), User: "bob",
		Pair: &plane.KeyPair{Cert: []byte("cert"), Key: []byte("key")}}.Kubeconfig()
	if err != nil {
		t.Fatal(err)
	}
	var got any
	if err := yaml.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	type object = map[string]any
	want := object{
		"apiVersion": "v1", "kind": "Config", "current-context": "sandbox-box",
		"clusters": []any{object{"name": "sandbox-box", "cluster": object{
			"server": "https://127.0.0.1:3", "certificate-authority-data": b64("ca"),
		}}},
		"contexts": []any{object{"name": "sandbox-box", "context": object{"cluster": "sandbox-box", "user": "bob"}}},
		"users": []any{object{"name": "bob", "user": object{
			"client-certificate-data": b64("cert"), "client-key-data": b64("key"),
		}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := (plane.Access{User: "bob"}).Kubeconfig(); err == nil {
		t.Error("expected an error without token and certificate")
	}
}

func TestWriteKeepsSecretsToTheOwner(t *testing.T) {
	dir := plane.Dir(t.TempDir())
	authority, err := plane.Write(dir, "box", plane.Ports{APIServer: 3}, now)
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	err = filepath.WalkDir(string(dir), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		info, err := entry.Info()
		if err == nil && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: expected mode 600, found %o", path, info.Mode().Perm())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 10 {
		t.Errorf("expected keys, certificates and configuration, found %d files", files)
	}
	again, err := plane.ReadAuthority(dir)
	if err != nil {
		t.Fatal(err)
	}
	access, err := again.Access("box", "https://127.0.0.1:3", "bob", nil, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verify(t, authority, access.Pair, now, x509.ExtKeyUsageClientAuth); err != nil {
		t.Errorf("expected the authority that was read to be the one that was written: %v", err)
	}
}
