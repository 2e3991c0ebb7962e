// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// valuesAnnotation lists the values of a flag, for completion: NewRoot turns it
// into a completion function, so that groups of flags need no command.
const valuesAnnotation = "kubectl-micro.dev/values"

// enum is a flag that takes one of a few words. It refuses others while flags
// are parsed, and completes.
type enum[T ~string] struct {
	value   *T
	allowed []T
}

// EnumVar adds a flag that takes one of the allowed words; *value, its default,
// is one of them. The usage text gets the words appended.
func EnumVar[T ~string](flags *pflag.FlagSet, value *T, name, shorthand, usage string, allowed ...T) *pflag.Flag {
	words := make([]string, len(allowed))
	for i, a := range allowed {
		words[i] = string(a)
	}
	flag := flags.VarPF(&enum[T]{value, allowed}, name, shorthand,
		fmt.Sprintf("%s. One of: (%s).", usage, strings.Join(words, ", ")))
	offer(flag, words...)
	return flag
}

// Set implements pflag.Value.
func (e *enum[T]) Set(s string) error {
	if !slices.Contains(e.allowed, T(s)) {
		words := make([]string, len(e.allowed))
		for i, a := range e.allowed {
			words[i] = string(a)
		}
		return fmt.Errorf("must be one of %s", strings.Join(words, ", "))
	}
	*e.value = T(s)
	return nil
}

// String implements pflag.Value.
func (e *enum[T]) String() string {
	if e.value == nil {
		return ""
	}
	return string(*e.value)
}

// Type implements pflag.Value.
func (e *enum[T]) Type() string { return "string" }

// Offer notes the values that completion proposes for a flag that takes others too;
// what they mean may follow after a tab.
func Offer(flags *pflag.FlagSet, name string, values ...string) { offer(flags.Lookup(name), values...) }

// offer notes the values that completion proposes for a flag.
func offer(flag *pflag.Flag, values ...string) { annotate(flag, valuesAnnotation, values...) }

func annotate(flag *pflag.Flag, key string, values ...string) {
	if flag.Annotations == nil {
		flag.Annotations = map[string][]string{}
	}
	flag.Annotations[key] = values
}
