// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package schema

import "slices"

// Modules names the Go modules the schemas come from, by path and version; the
// older of two releases of a module comes last.
func Modules() [][2]string { return loaded().modules }

// DeprecatedKinds lists the kinds in which anything is deprecated, sorted.
func DeprecatedKinds() []string {
	var kinds []string
	for of, message := range specs {
		if suspects()[message.ProtoReflect().Descriptor().FullName()] {
			kinds = append(kinds, of.kind)
		}
	}
	slices.Sort(kinds)
	return kinds
}
