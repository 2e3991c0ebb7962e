// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// addon makes more of a system than its services. Adding one is adding a file
// with it and naming it in addons.
type addon struct {
	// name is what "with" has, short what it is good for.
	name, short string
	// variants are the words of NAME=VARIANT, the default first; none without a choice.
	variants []string
	// system makes objects once, service makes those of one service, files makes what
	// is no object. Each may be nil.
	system  func(y *system, variant string) []runtime.Object
	service func(s *service, variant string) []runtime.Object
	files   func(y *system, variant string) []File
	// sources reports that files are made of what the services' sources are.
	sources bool
}

// addons are those there are.
func addons() []addon {
	return []addon{monitoringAddon, loggingAddon, securityAddon, ciAddon, dockerfileAddon}
}

// Addon tells of an addon.
type Addon struct {
	// Name is what "with" has.
	Name string
	// Short is what it makes.
	Short string
	// Variants are the words of NAME=VARIANT, the default first.
	Variants []string
}

// Addons lists what "with" may name.
func Addons() []Addon {
	var out []Addon
	for _, a := range addons() {
		out = append(out, Addon{Name: a.name, Short: a.short, Variants: a.variants})
	}
	return out
}

// NeedsSources reports whether what is in the sources of services matters to what
// is made of a system: whether [Options] should have what was detected.
func NeedsSources(s api.System) bool {
	return slices.ContainsFunc(s.With, func(word string) bool {
		a, known := addonNamed(word)
		return known && a.sources
	})
}

// wanted is an addon that a system has.
type wanted struct {
	addon
	variant string
}

// addonNamed finds what a word of "with" means.
func addonNamed(word string) (wanted, bool) {
	name, variant, chosen := strings.Cut(word, "=")
	known := addons()
	i := slices.IndexFunc(known, func(a addon) bool { return a.name == name })
	if i < 0 || chosen && !slices.Contains(known[i].variants, variant) {
		return wanted{}, false
	}
	if !chosen && len(known[i].variants) > 0 {
		variant = known[i].variants[0]
	}
	return wanted{known[i], variant}, true
}

// make returns all that an addon makes of a system.
func (w wanted) make(y *system) ([]runtime.Object, []File) {
	var objects []runtime.Object
	if w.system != nil {
		objects = w.system(y, w.variant)
	}
	if w.service != nil {
		for _, s := range y.services {
			objects = append(objects, w.service(s, w.variant)...)
		}
	}
	if w.files == nil {
		return objects, nil
	}
	return objects, w.files(y, w.variant)
}

// with are the addons of a system that was checked.
func (y *system) with() []wanted {
	var out []wanted
	for _, word := range y.With {
		a, _ := addonNamed(word)
		out = append(out, a)
	}
	return out
}

// addons checks what "with" has.
func (c *checker) addons(s api.System) {
	var words []string
	for _, a := range addons() {
		words = append(words, a.name)
		for _, v := range a.variants {
			words = append(words, a.name+"="+v)
		}
	}
	seen := map[string]bool{}
	for i, word := range s.With {
		at := fmt.Sprintf("/with/%d", i)
		if word == "" {
			c.fail(at, words[0], "expected an addon, found nothing")
			continue
		}
		c.word(at, "an addon", word, words...)
		a, known := addonNamed(word)
		if !known {
			continue
		}
		key := a.name
		if a.files != nil { // several pipelines do not meet, as several collectors would
			key += "=" + a.variant
		}
		if seen[key] {
			c.fail(at, "leave one out", "expected each addon once, found %s again", word)
		}
		seen[key] = true
		if a.name == loggingName {
			c.collectorNamespace("/metadata/namespace", cmp.Or(s.Metadata.Namespace, s.Metadata.Name))
		}
	}
}
