// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"path"
	"strings"
)

// assets notes files that are opened at run time: those that are in the tree.
func (u *unit) assets(files []*file, rules []rule) {
	for _, f := range files {
		if u.penalty(f) > 0 {
			continue
		}
		for _, r := range rules {
			f.grep(r.needle, r.re, func(m match) {
				value := r.value
				if value == "" {
					value = m.group(1)
				}
				u.asset(m, value, r.name, r.confidence)
			})
		}
	}
}

// asset finds a path from the unit's folder, or from that of the file.
func (u *unit) asset(m match, value, rule string, confidence int) {
	value = path.Clean(strings.TrimPrefix(strings.TrimPrefix(value, "/"), "./"))
	if value == "." || value == "" || strings.HasPrefix(value, "..") {
		return
	}
	for _, dir := range []string{u.dir, m.file.dir()} {
		if at := path.Join(dir, value); u.tree.has(at) && within(u.dir, at) {
			u.add(asset, m, below(u.dir, at), rule, confidence)
			return
		}
	}
}
