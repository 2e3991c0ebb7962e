// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
)

// CSV prints the table as comma-separated values, quoted as RFC 4180 says. Cells
// are sanitised, and what a spreadsheet would take for a formula begins with a
// quote; numbers do not.
func (t Table) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	line := make([]string, len(t.Header))
	write := func(cells []string) error {
		clear(line)
		for i := range min(len(cells), len(line)) {
			line[i] = noFormula(cells[i])
		}
		return out.Write(line)
	}
	if !t.NoHeaders {
		if err := write(t.Header); err != nil {
			return err
		}
	}
	for _, row := range t.Rows {
		if err := write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// noFormula keeps a spreadsheet from taking a cell for a formula
// (https://owasp.org/www-community/attacks/CSV_Injection).
func noFormula(cell string) string {
	cell = Sanitise(cell)
	if cell == "" || !strings.ContainsRune("=+-@", rune(cell[0])) {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil {
		return cell
	}
	return "'" + cell
}
