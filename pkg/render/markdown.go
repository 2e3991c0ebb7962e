// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"bytes"
	"io"
	"strings"
)

// active are the characters that mean something in a cell of a Markdown table: its
// border, and what makes links, emphasis, code and HTML.
var active = strings.NewReplacer(`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;")

// Markdown prints the table as GitHub's Markdown does, for a comment or a wiki.
// There is no such table without a header: NoHeaders leaves its cells empty.
func (t Table) Markdown(w io.Writer) error {
	if len(t.Header) == 0 {
		return nil
	}
	var b bytes.Buffer
	write := func(cells []string) {
		for i := range t.Header {
			b.WriteString("| ")
			if i < len(cells) && cells[i] != "" {
				b.WriteString(active.Replace(Sanitise(cells[i])))
				b.WriteByte(' ')
			}
		}
		b.WriteString("|\n")
	}
	if t.NoHeaders {
		write(nil)
	} else {
		write(t.Header)
	}
	b.WriteString(strings.Repeat("| --- ", len(t.Header)) + "|\n")
	for _, row := range t.Rows {
		write(row)
	}
	_, err := w.Write(b.Bytes())
	return err
}
