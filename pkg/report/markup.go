// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// block is the Markdown of what there is to a cause beside its row.
func block(d *api.Diagnosis, c *api.Cause) string {
	var b strings.Builder
	p := page{now: d.Time, o: Options{All: true}}
	for _, e := range c.Evidence {
		p.evidence(e)
	}
	if len(c.Pods) > 0 {
		p.line("in ", p.pods(&c.Finding))
	}
	if c.Rollout != nil {
		p.rollout(c.Rollout)
	}
	if p.Len() > 0 {
		b.WriteString("**Evidence**\n\n" + fence("text", p.String()))
	}
	for i, impact := range c.Impact {
		if i == 0 {
			b.WriteString("**Impact**\n\n")
		}
		b.WriteString("- " + inline(impact) + "\n")
	}
	for i := range c.Explains {
		e := &c.Explains[i]
		if i == 0 {
			b.WriteString("\n**Explains**\n\n")
		}
		fmt.Fprintf(&b, "- %s %s %s\n", inline(e.Severity), rule(e), inline(sentence(e)))
	}
	if c.Hint != "" {
		var hint []string
		for _, l := range lines(c.Hint) {
			hint = append(hint, inline(l))
		}
		b.WriteString("\n**Hint:** " + strings.Join(hint, "<br>") + "\n")
	}
	for _, f := range c.Fixes {
		b.WriteString(remedyBlock(f))
	}
	return b.String()
}

// remedyBlock is a fix with what it changes, to copy.
func remedyBlock(f api.Fix) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n**Fix** (%s): %s\n\n", inline(f.Risk), inline(f.Title))
	for _, p := range f.Patches {
		fmt.Fprintf(&b, "JSON Patch of %s:\n\n", code(object(p.Object)))
		b.WriteString(fence("json", indented(p.Patch)))
	}
	for _, o := range f.Creates {
		data, err := yaml.Marshal(o)
		if err != nil { // of characters that YAML refuses
			b.WriteString(fence("json", indented(o)))
			continue
		}
		b.WriteString(fence("yaml", string(data)))
	}
	if f.Command != "" {
		b.WriteString(fence("sh", f.Command))
	}
	return b.String()
}

// indented is JSON for people; what JSON cannot tell is left out.
func indented(v any) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if encoder.Encode(v) != nil {
		return ""
	}
	return b.String()
}

// fence puts text between fences longer than any in it.
func fence(language, text string) string {
	body := strings.Join(lines(text), "\n")
	marks := "```"
	for strings.Contains(body, marks) {
		marks += "`"
	}
	return marks + language + "\n" + body + "\n" + marks + "\n\n"
}

// escapes are entities for what means something in Markdown or HTML. Backslashes
// would do in Markdown only, and a summary is HTML.
var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "|", "&#124;", "*", "&#42;", "_", "&#95;",
	"`", "&#96;", "[", "&#91;", "]", "&#93;", `\`, "&#92;", "~", "&#126;")

// references are what GitHub turns into links that notify people: @name, #1.
var references = regexp.MustCompile(`(^|[^0-9A-Za-z])@([0-9A-Za-z])|#([0-9])`)

// inline is text in one line of Markdown or HTML that means only itself: a space
// of no width keeps names and numbers from becoming links.
func inline(s string) string {
	s = references.ReplaceAllStringFunc(render.Sanitise(s), func(m string) string {
		return m[:len(m)-1] + "\u200b" + m[len(m)-1:]
	})
	return strings.ReplaceAll(escapes.Replace(strings.TrimSpace(s)), "\u200b", "&#8203;")
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "<code>" + inline(s) + "</code>"
}

// rule is the ID of a finding's rule with a link to its page.
func rule(f *api.Finding) string {
	u, err := url.Parse(f.Docs)
	if err != nil || u.Scheme != "https" {
		return inline(f.ID)
	}
	return fmt.Sprintf(`<a href="%s">%s</a>`, escapes.Replace(u.String()), inline(f.ID))
}
