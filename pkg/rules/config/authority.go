// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strconv"
	"time"
)

// authority says what is wrong with a CA bundle, as the end of a sentence that
// starts with "the caBundle"; empty when nothing is. Certificates it may hold
// are a chain of trust each: one that is valid is enough.
func authority(bundle []byte, now time.Time) string {
	if len(bytes.TrimSpace(bundle)) == 0 {
		return "" // filled in later, or meant to be empty; the caller knows
	}
	var last *x509.Certificate
	for rest := bundle; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return "holds a certificate that cannot be read"
		}
		if now.Before(c.NotAfter) {
			return ""
		}
		if last == nil || c.NotAfter.After(last.NotAfter) {
			last = c
		}
	}
	if last == nil {
		return "holds no PEM certificate"
	}
	return fmt.Sprintf("expired on %s (%s)", last.NotAfter.UTC().Format(time.DateOnly), last.Subject)
}

func decimal(n int32) string { return strconv.FormatInt(int64(n), 10) }
