// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

func TestSanitise(t *testing.T) {
	for in, want := range map[string]string{
		"":                         "",
		"plain text, naïve 商店 ✔":   "plain text, naïve 商店 ✔",
		"\x1b[2J":                  "^[[2J",
		"a\r\n\tb":                 "a b",
		"\nlead and trail\n":       " lead and trail ",
		"bell\a":                   "bell^G",
		"\u009b31m":                `\u009b31m`,
		"next\u0085line":           `next\u0085line`,
		"para\u2029graph\u2028sep": "para graph sep",
		"\u202eexe.\u2066x\u200f":  `\u202eexe.\u2066x\u200f`,
		"del\x7f":                  `del\u007f`,
		"bad\xff\xc0":              "bad\ufffd\ufffd",
		"👩\u200d💻 joined":          "👩\u200d💻 joined", // a joiner reorders nothing
	} {
		if got := render.Sanitise(in); got != want {
			t.Errorf("Sanitise(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestColors(t *testing.T) {
	on, off := render.Colors(render.ColorAlways, nil), render.Colors(render.ColorNever, os.Stdout)
	for name, got := range map[string][2]string{
		"bold":   {on.Bold("x"), "\x1b[1mx\x1b[0m"},
		"dim":    {on.Dim("x"), "\x1b[2mx\x1b[0m"},
		"red":    {on.Red("x"), "\x1b[31mx\x1b[0m"},
		"green":  {on.Green("x"), "\x1b[32mx\x1b[0m"},
		"yellow": {on.Yellow("x"), "\x1b[33mx\x1b[0m"},
		"cyan":   {on.Cyan("x"), "\x1b[36mx\x1b[0m"},
		"empty":  {on.Red(""), ""},
		"off":    {off.Red("x"), "x"},
		"zero":   {render.Palette{}.Red("x"), "x"},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %q, want %q", name, got[0], got[1])
		}
	}
	if !on.Enabled() || off.Enabled() {
		t.Error("Enabled does not follow the mode")
	}
	var pipe bytes.Buffer
	if render.Colors(render.ColorAuto, &pipe).Enabled() {
		t.Error("auto colours what is no terminal")
	}
}
