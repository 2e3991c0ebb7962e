// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Admin is the user of the kubeconfig that `up` prints. Nothing of the sandbox itself acts under this name, so the
// audit log's events of this user are exactly the requests of the program under test.
const Admin = "admin"

// Operator is the user under which the sandbox itself installs CRDs, creates nodes and loads worlds.
const Operator = "system:sandbox"

// Masters is the group that RBAC never refuses anything.
const Masters = "system:masters"

// frontProxy is the name under which the API server passes requests on to aggregated APIs.
const frontProxy = "front-proxy-client"

// lifetime of every certificate that is not asked to be an expired one.
const lifetime = 365 * 24 * time.Hour

// auditPolicy records who asked what, once a request; the stage before the answer would count everything twice.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
`

const schedulerConfig = `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
leaderElection:
  leaderElect: false
enableProfiling: false
clientConnection:
  kubeconfig: %q
  qps: 1000
  burst: 2000
`

// identities are the users and groups of the components. The scheduler lives with the role that bootstrapping gives it;
// the controller manager would need one service account a controller to do so, which costs two seconds of every start.
var identities = map[string]struct {
	user   string
	groups []string
}{
	ControllerManager: {"system:kube-controller-manager", []string{Masters}},
	Scheduler:         {"system:kube-scheduler", nil},
	Kwok:              {"system:kwok", []string{Masters}},
	MetricsServer:     {"system:metrics-server", []string{Masters}},
}

// Write makes keys, certificates, kubeconfigs and configuration files of a new sandbox called name.
func Write(d Dir, name string, p Ports, now time.Time) (*Authority, error) {
	for _, dir := range []string{d.path("pki"), d.path("logs"), d.etcdData()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	authority, pair, err := NewAuthority(now)
	if err != nil {
		return nil, err
	}
	server, err := authority.Server(now.Add(-time.Minute), now.Add(lifetime))
	if err != nil {
		return nil, err
	}
	proxy, err := authority.Client(frontProxy, nil, now.Add(-time.Minute), now.Add(lifetime))
	if err != nil {
		return nil, err
	}
	accounts, err := newKey()
	if err != nil {
		return nil, err
	}
	token := make([]byte, 16)
	if _, err := rand.Read(token); err != nil {
		return nil, err
	}
	files := map[string][]byte{
		d.caCert():          pair.Cert,
		d.caKey():           pair.Key,
		d.ServerCert():      server.Cert,
		d.ServerKey():       server.Key,
		d.frontProxyCert():  proxy.Cert,
		d.frontProxyKey():   proxy.Key,
		d.saKey():           accounts,
		d.tokens():          fmt.Appendf(nil, "%x,%s,%s,%q\n", token, Admin, Admin, Masters),
		d.auditPolicy():     []byte(auditPolicy),
		d.schedulerConfig(): fmt.Appendf(nil, schedulerConfig, d.componentKubeconfig(Scheduler)),
	}
	admin := Access{Cluster: name, Server: p.Server(), CA: pair.Cert, User: Admin, Token: hex.EncodeToString(token)}
	if files[d.Kubeconfig()], err = admin.Kubeconfig(); err != nil {
		return nil, err
	}
	for component, identity := range identities {
		access, err := authority.Access(name, p.Server(), identity.user, identity.groups, now)
		if err != nil {
			return nil, err
		}
		if files[d.componentKubeconfig(component)], err = access.Kubeconfig(); err != nil {
			return nil, err
		}
	}
	return authority, writeAll(files)
}

// Access signs a client certificate that is valid now, and wraps it up for a kubeconfig.
func (a *Authority) Access(cluster, server, user string, groups []string, now time.Time) (Access, error) {
	pair, err := a.Client(user, groups, now.Add(-time.Minute), now.Add(lifetime))
	return Access{Cluster: cluster, Server: server, CA: a.CertPEM, User: user, Pair: pair}, err
}

// ExpiredAccess is Access with a certificate that stopped being valid an hour before now.
func (a *Authority) ExpiredAccess(cluster, server, user string, groups []string, now time.Time) (Access, error) {
	pair, err := a.Client(user, groups, now.Add(-2*time.Hour), now.Add(-time.Hour))
	return Access{Cluster: cluster, Server: server, CA: a.CertPEM, User: user, Pair: pair}, err
}

func newKey() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return encodeKey(key)
}

func writeAll(files map[string][]byte) error {
	for name, data := range files {
		if err := WriteFile(name, data); err != nil {
			return err
		}
	}
	return nil
}

// WriteFile writes a file that only its owner reads, and puts it in place in one step, so that a reader finds the old
// content or the new one and never a half.
func WriteFile(name string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err := tmp.Write(data); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}
