// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// again holds what a suggested command must repeat of the one that was typed,
// so that pasting it acts on the same cluster or the same files.
type again struct {
	flags  string
	weight string
}

// suggest is the name of the suite's canary command in suggestions.
const suggest = cli.Name + " canary"

func newAgain(cmd *cobra.Command, files cli.FileFlags, weight string) again {
	return again{flags: cli.Repeat(cmd, files), weight: weight}
}

// line completes a suggestion that ends in a command of ours. One that names
// files of its own is for another world and stays.
func (a again) line(text string) string {
	if !strings.Contains(text, suggest) || strings.Contains(text, " -f ") {
		return text
	}
	if a.weight != "" {
		text = strings.Replace(text, "--weight N", "--weight "+a.weight, 1)
	}
	return strings.TrimSpace(text + " " + a.flags)
}

// hints completes the suggestions of an error.
func (a again) hints(err error) error {
	for _, one := range fault.All(err) {
		var e *fault.Error
		if !errors.As(one, &e) {
			continue
		}
		lines := strings.Split(e.Hint, "\n")
		for i, l := range lines {
			lines[i] = a.line(l)
		}
		e.Hint = strings.Join(lines, "\n")
	}
	return err
}
