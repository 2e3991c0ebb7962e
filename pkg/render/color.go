// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"io"

	"k8s.io/cli-runtime/pkg/printers"
)

// ColorMode is the value of --color.
type ColorMode string

// The modes of --color. Auto is colour on a terminal that wants it.
const (
	ColorAuto   ColorMode = "auto"
	ColorAlways ColorMode = "always"
	ColorNever  ColorMode = "never"
)

// The escape codes: escape, the code, "m", the text, reset.
const (
	escape = "\x1b["
	reset  = escape + "0m"
)

// Palette colours text, or returns it unchanged when colour is off. The zero
// value is off. Colour never carries meaning alone: the words say it too.
type Palette struct{ on bool }

// Style colours one text; a method value of a Palette is one.
type Style func(string) string

// Colors returns the palette for w. In ColorAuto it is on when w is a terminal
// and the environment does not object: TERM=dumb, NO_COLOR (https://no-color.org),
// and on Windows a missing WT_SESSION. A flag given by the user outranks NO_COLOR.
func Colors(mode ColorMode, w io.Writer) Palette {
	switch mode {
	case ColorAlways:
		return Palette{on: true}
	case ColorNever:
		return Palette{}
	}
	return Palette{on: printers.AllowsColorOutput(w)}
}

// Enabled reports whether the palette writes escape codes.
func (p Palette) Enabled() bool { return p.on }

// Bold is for headings.
func (p Palette) Bold(s string) string { return p.wrap("1", s) }

// Dim is for what may be skipped.
func (p Palette) Dim(s string) string { return p.wrap("2", s) }

// Red is for errors and removed lines.
func (p Palette) Red(s string) string { return p.wrap("31", s) }

// Green is for what is well and for added lines.
func (p Palette) Green(s string) string { return p.wrap("32", s) }

// Yellow is for warnings.
func (p Palette) Yellow(s string) string { return p.wrap("33", s) }

// Cyan is for places: file names, positions, hunks.
func (p Palette) Cyan(s string) string { return p.wrap("36", s) }

func (p Palette) wrap(code, s string) string {
	if !p.on || s == "" {
		return s
	}
	return escape + code + "m" + s + reset
}
