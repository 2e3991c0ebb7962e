// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

var (
	// besides is what an expression has beside metrics: strings, selectors, ranges
	// and the labels of aggregations. It is good enough for a hint.
	besides = regexp.MustCompile(`"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\{[^{}]*\}|\[[^\]]*\]|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)`)
	words   = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*\s*\(?`)
	// keywords are words that are no metrics, although no parenthesis follows them.
	keywords = []string{"and", "or", "unless", "bool", "offset", "inf", "nan", "Inf", "NaN", "by", "without", "on", "ignoring", "start", "end"}
)

// Unknown returns the metrics of an expression that have no series, with the
// names that there are and that are close to them.
func (c *Client) Unknown(ctx context.Context, expr string) (unknown, near []string, err error) {
	names, err := c.Names(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, word := range words.FindAllString(besides.ReplaceAllString(expr, " "), -1) {
		if word[len(word)-1] == '(' {
			continue // a function
		}
		word = strings.TrimSpace(word)
		if slices.Contains(keywords, word) || slices.Contains(names, word) || slices.Contains(unknown, word) {
			continue
		}
		unknown = append(unknown, word)
		near = append(near, ref.Closest(word, names)...)
	}
	slices.Sort(near)
	return unknown, slices.Compact(near), nil
}
