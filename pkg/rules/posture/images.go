// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import "strings"

// image is a reference to one, in its parts.
type image struct{ name, tag, digest string }

// parse takes a reference apart. What stands before the last slash is registry
// and path, whose port has a colon too.
func parse(reference string) image {
	var out image
	reference, out.digest, _ = strings.Cut(reference, "@")
	out.name = reference
	if i := strings.LastIndexByte(reference, ':'); i > strings.LastIndexByte(reference, '/') {
		out.name, out.tag = reference[:i], reference[i+1:]
	}
	return out
}
