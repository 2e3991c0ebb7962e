// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// normalize turns the path of a request into what policies see: without query
// and fragment, and as the mesh configuration's pathNormalization says
// (https://istio.io/latest/docs/reference/config/security/normalization/).
func normalize(path, mode string) string {
	path, _, _ = strings.Cut(path, "#")
	path, _, _ = strings.Cut(path, "?")
	if mode == model.NormalizeNone {
		return path
	}
	if mode == model.NormalizeDecodeAndMerge {
		path = decodeSlashes(path)
	}
	path = dots(unreserved(strings.ReplaceAll(path, `\`, "/")))
	if mode == model.NormalizeMerge || mode == model.NormalizeDecodeAndMerge {
		for strings.Contains(path, "//") {
			path = strings.ReplaceAll(path, "//", "/")
		}
	}
	return path
}

// decodeSlashes decodes %2F and %5C.
func decodeSlashes(path string) string {
	return strings.NewReplacer("%2F", "/", "%2f", "/", "%5C", `\`, "%5c", `\`).Replace(path)
}

// unreserved decodes the characters that RFC 3986 says mean the same without a
// percent sign: letters, digits, "-", ".", "_" and "~".
func unreserved(path string) string {
	if !strings.Contains(path, "%") {
		return path
	}
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		if path[i] == '%' && i+2 < len(path) {
			hi, lo := hex(path[i+1]), hex(path[i+2])
			if c := hi<<4 | lo; hi >= 0 && lo >= 0 && plain(byte(c)) {
				b.WriteByte(byte(c))
				i += 2
				continue
			}
		}
		b.WriteByte(path[i])
	}
	return b.String()
}

func hex(c byte) int {
	if c < '0' {
		return -1
	}
	return strings.IndexByte("0123456789abcdef", c|0x20)
}

func plain(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// dots resolves "." and ".." segments. What would lead above the root stays at it.
func dots(path string) string {
	if !strings.Contains(path, "/.") {
		return path
	}
	segments := strings.Split(path, "/")
	var out []string
	for i, s := range segments {
		last := i == len(segments)-1
		switch s {
		case ".":
			if last {
				out = append(out, "")
			}
		case "..":
			if len(out) > 1 {
				out = out[:len(out)-1]
			}
			if last {
				out = append(out, "")
			}
		default:
			out = append(out, s)
		}
	}
	return strings.Join(out, "/")
}

// isTemplate reports whether Istio takes a value of paths for a template.
func isTemplate(value string) bool {
	return strings.Contains(value, "{*}") || strings.Contains(value, "{**}")
}

// badTemplate says why Istio refuses a template; empty for a good one. An
// operator is a whole segment, "{**}" stands once and after it no operator.
func badTemplate(value string) string {
	deep := false
	for segment := range strings.SplitSeq(value, "/") {
		switch {
		case segment == "{*}" && deep, segment == "{**}" && deep:
			return "no operator may follow {**}"
		case segment == "{*}":
		case segment == "{**}":
			deep = true
		case strings.ContainsAny(segment, "{}*"):
			return segment + " is not one of {*} and {**}"
		}
	}
	return ""
}

// matchesPath compares a normalized path with a value of paths. In a template
// "{*}" stands for one segment that is not empty, "{**}" for anything.
func matchesPath(value, path string) bool {
	if !isTemplate(value) {
		return matches(value, path)
	}
	return segments(strings.Split(value, "/"), strings.Split(path, "/"))
}

func segments(want, have []string) bool {
	for i, w := range want {
		if w == "{**}" {
			return tail(want[i+1:], have[min(i, len(have)):])
		}
		if i >= len(have) || w == "{*}" && have[i] == "" || w != "{*}" && w != have[i] {
			return false
		}
	}
	return len(want) == len(have)
}

// tail matches what stands after "{**}", which only literals may, with the end
// of a path that has at least one segment, be it empty, for "{**}" itself.
func tail(want, have []string) bool {
	if len(have) < len(want)+1 {
		return false
	}
	for i, w := range want {
		if have[len(have)-len(want)+i] != w {
			return false
		}
	}
	return true
}
