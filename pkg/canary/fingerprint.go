// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// fingerprint identifies a route within its object by what it takes, not by
// where it stands or where it sends: others may insert routes before it, and
// destinations are what changes during a canary. Routes that take the same are
// numbered.
func fingerprint(r traffic.Route) string {
	list, _ := patch.Split(r.Pointer)
	value, _ := patch.Get(r.Object.Raw(), list)
	items, _ := value.([]any)
	id, twins := "", 0
	for i := min(r.Index, len(items)-1); i >= 0; i-- {
		h := takes(r.Protocol, items[i])
		switch {
		case i == r.Index:
			id = h
		case h == id:
			twins++
		}
	}
	if twins > 0 {
		id += fmt.Sprintf("-%d", twins)
	}
	return id
}

// takes is a hash of what decides which requests a route takes.
func takes(protocol string, item any) string {
	route, _ := item.(map[string]any)
	data, _ := json.Marshal([]any{protocol, route["name"], route["match"], route["matches"]}) // decoded JSON always encodes
	hash := sha256.Sum256(data)
	return hex.EncodeToString(hash[:6])
}

// located returns the routes of an object by their fingerprints.
func located(s *model.Snapshot, o *model.Object) map[string]traffic.Route {
	router, ok := traffic.RouterOf(o.Ref.GroupKind())
	if !ok {
		return nil
	}
	out := map[string]traffic.Route{}
	for _, r := range router.Routes(s, o) {
		out[fingerprint(r)] = r
	}
	return out
}
