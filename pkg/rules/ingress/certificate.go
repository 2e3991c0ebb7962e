// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package ingress

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// soon is how long before its end a certificate is worth a warning: tools that
// renew certificates have done so by then.
const soon = 14 * 24 * time.Hour

// flaw is what is wrong with a Secret that holds a certificate, whoever uses it.
type flaw struct {
	// at is the JSON Pointer of the key in the Secret.
	at      string
	message string
	// reason is the message without dates; the message itself if empty.
	reason     string
	severity   finding.Severity
	confidence finding.Confidence
	state      finding.State
	since      time.Time
}

// certificate is what a Secret holds, as far as it was read.
type certificate struct {
	// leaf is nil when it was not read or cannot be.
	leaf  *x509.Certificate
	flaws []flaw
}

// inspect judges a Secret at a time. Of a cluster only metadata is read, unless
// a certificate is in question: such a Secret says nothing.
func inspect(secret model.Item[corev1.Secret], now time.Time) certificate {
	s := secret.Value
	if len(s.Data)+len(s.StringData) == 0 {
		return certificate{}
	}
	crt, crtAt, hasCrt := entry(s, "tls.crt", "cert")
	key, keyAt, hasKey := entry(s, "tls.key", "key")
	var out certificate
	switch {
	case !hasCrt && !hasKey:
		return certificate{flaws: []flaw{{message: "Secret has no keys tls.crt and tls.key", severity: finding.Error}}}
	case !hasCrt:
		return certificate{flaws: []flaw{{message: "Secret has no key tls.crt", severity: finding.Error}}}
	case !hasKey && s.Type == corev1.SecretTypeTLS && secret.Live():
		// Whoever read the certificate left the private key out.
	case !hasKey:
		out.flaws = append(out.flaws, flaw{message: "Secret has no key tls.key", severity: finding.Error})
	}
	if s.Type != corev1.SecretTypeTLS && s.Type != corev1.SecretTypeOpaque && s.Type != "" {
		out.flaws = append(out.flaws, flaw{
			at: "/type", message: fmt.Sprintf("Secret is of type %s, expected %s", s.Type, corev1.SecretTypeTLS),
			severity: finding.Warning, confidence: finding.Likely,
		})
	}
	if filledInLater(crt) {
		return out
	}
	out.leaf = leafOf(crt)
	if out.leaf == nil {
		f := flaw{at: crtAt, message: "tls.crt holds no PEM certificate", severity: finding.Error}
		if !secret.Live() { // a file may hold a placeholder of a tool that nobody knows
			f.severity, f.confidence = finding.Warning, finding.Likely
		}
		out.flaws = append(out.flaws, f)
		return out
	}
	out.flaws = append(out.flaws, validity(out.leaf, now, crtAt)...)
	if hasKey && !filledInLater(key) {
		if _, err := tls.X509KeyPair(crt, key); err != nil && strings.Contains(err.Error(), "does not match") {
			out.flaws = append(out.flaws, flaw{at: keyAt, message: "tls.key is not the private key of the certificate in tls.crt", severity: finding.Error})
		}
	}
	return out
}

// entry returns the value of the first of the keys that a Secret has, and its
// place. stringData wins over data, as in the API server.
func entry(s *corev1.Secret, keys ...string) ([]byte, string, bool) {
	for _, key := range keys {
		if v, ok := s.StringData[key]; ok {
			return []byte(v), patch.Pointer("stringData", key), true
		}
		if v, ok := s.Data[key]; ok {
			return v, patch.Pointer("data", key), true
		}
	}
	return nil, "", false
}

// filledInLater recognises what tools replace before a file is applied, and
// what hides a value: empty, templates, SOPS.
func filledInLater(value []byte) bool {
	text := strings.TrimSpace(string(value))
	return text == "" || slices.ContainsFunc([]string{"{{", "${", "ENC[", "<"}, func(mark string) bool { return strings.Contains(text, mark) })
}

// leafOf is the first certificate in PEM, nil if there is none or it is broken.
func leafOf(data []byte) *x509.Certificate {
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			return nil
		}
		if block.Type == "CERTIFICATE" {
			leaf, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil
			}
			return leaf
		}
		data = rest
	}
}

func validity(leaf *x509.Certificate, now time.Time, at string) []flaw {
	const day = "2006-01-02"
	switch left := leaf.NotAfter.Sub(now); {
	case left <= 0:
		return []flaw{{
			at: at, message: "certificate expired on " + leaf.NotAfter.UTC().Format(day), reason: "certificate expired",
			severity: finding.Error, since: leaf.NotAfter,
		}}
	case now.Before(leaf.NotBefore):
		return []flaw{{
			at: at, message: "certificate is not valid before " + leaf.NotBefore.UTC().Format(day), reason: "certificate not valid yet",
			severity: finding.Error,
		}}
	case left < soon:
		return []flaw{{
			at: at, message: fmt.Sprintf("certificate expires in %d days, on %s", int(left/(24*time.Hour)), leaf.NotAfter.UTC().Format(day)),
			reason: "certificate expires soon", severity: finding.Warning, state: finding.Latent,
		}}
	}
	return nil
}

// uncovered returns the hosts that the certificate is not for. A wildcard host
// stands for any one label in its place.
func uncovered(leaf *x509.Certificate, hosts []string) []string {
	var out []string
	for _, h := range hosts {
		if h == "" || h == "*" {
			continue
		}
		name := h
		if rest, wild := strings.CutPrefix(h, "*."); wild {
			name = "any-name." + rest
		}
		if leaf.VerifyHostname(name) != nil && !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	return out
}

// namesOf are the names a certificate is for, for people.
func namesOf(leaf *x509.Certificate) string {
	names := slices.Clone(leaf.DNSNames)
	for _, ip := range leaf.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return "no name (a common name alone does not count)"
	}
	return rules.Few(names, 5)
}
