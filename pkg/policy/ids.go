// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

// InvariantIDs are the names of the invariants, in the order of the document
// that defines them.
func InvariantIDs() []string {
	return []string{invDNS, invProbe, invMetrics, invIstiod, invIngress, invWebhook, invAPIServer, invInit, invSelf, invCNI, invOrder}
}
