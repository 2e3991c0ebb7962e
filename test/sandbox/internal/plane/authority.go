// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"time"
)

// KeyPair is a certificate and its private key, both PEM.
type KeyPair struct {
	Cert, Key []byte
}

// Authority is the certificate authority of one sandbox. It signs the serving certificate and every client.
type Authority struct {
	// CertPEM is what clients must trust.
	CertPEM []byte

	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewAuthority makes a self-signed authority for the ten years after now. It begins the day before, so that a client's
// certificate that has expired by now was valid once.
func NewAuthority(now time.Time) (*Authority, *KeyPair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template, err := certificate(pkix.Name{CommonName: "sandbox-ca"}, now.AddDate(0, 0, -1), now.AddDate(10, 0, 0))
	if err != nil {
		return nil, nil, err
	}
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, err
	}
	pair, err := encode(der, key)
	if err != nil {
		return nil, nil, err
	}
	a, err := parseAuthority(pair)
	return a, pair, err
}

// ReadAuthority reads the authority that lies in the directory of a sandbox.
func ReadAuthority(d Dir) (*Authority, error) {
	cert, err := os.ReadFile(d.caCert())
	if err != nil {
		return nil, err
	}
	key, err := os.ReadFile(d.caKey())
	if err != nil {
		return nil, err
	}
	return parseAuthority(&KeyPair{cert, key})
}

func parseAuthority(pair *KeyPair) (*Authority, error) {
	certBlock, _ := pem.Decode(pair.Cert)
	keyBlock, _ := pem.Decode(pair.Key)
	if certBlock == nil || keyBlock == nil {
		return nil, errors.New("expected a PEM certificate and a PEM private key of the sandbox's authority")
	}
	cert, err := x509.ParseCertificate(certBlock.Bytes)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParseECPrivateKey(keyBlock.Bytes)
	if err != nil {
		return nil, err
	}
	return &Authority{CertPEM: pair.Cert, cert: cert, key: key}, nil
}

// Client signs a client certificate: the API server reads user and groups out of its subject.
func (a *Authority) Client(user string, groups []string, from, until time.Time) (*KeyPair, error) {
	if user == "" {
		return nil, errors.New("expected a user name, found an empty one")
	}
	template, err := certificate(pkix.Name{CommonName: user, Organization: groups}, from, until)
	if err != nil {
		return nil, err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	return a.sign(template)
}

// Server signs the serving certificate of all components.
func (a *Authority) Server(from, until time.Time) (*KeyPair, error) {
	template, err := certificate(pkix.Name{CommonName: "sandbox"}, from, until)
	if err != nil {
		return nil, err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	template.DNSNames = []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", MetricsServer + ".kube-system.svc"}
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 96, 0, 1)}
	return a.sign(template)
}

func (a *Authority) sign(template *x509.Certificate) (*KeyPair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	return encode(der, key)
}

func certificate(subject pkix.Name, from, until time.Time) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("cannot make a serial number: %w", err)
	}
	return &x509.Certificate{SerialNumber: serial, Subject: subject, NotBefore: from, NotAfter: until}, nil
}

func encode(der []byte, key *ecdsa.PrivateKey) (*KeyPair, error) {
	keyPEM, err := encodeKey(key)
	if err != nil {
		return nil, err
	}
	return &KeyPair{pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), keyPEM}, nil
}

func encodeKey(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), nil
}
