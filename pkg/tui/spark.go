// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tui

import (
	"math"
	"strings"
)

// The dots of a braille character, from the bottom up, left and right.
var (
	left  = [4]rune{0x40, 0x04, 0x02, 0x01}
	right = [4]rune{0x80, 0x20, 0x10, 0x08}
)

const (
	blank = rune(0x2800)
	// steps are the heights of a character without braille.
	steps = "_.-=+*#"
)

// spark draws points from 0 to their greatest in a width: two points a character in
// braille, one in ASCII. What is unknown is blank, and 0 is not.
func spark(points []float64, width int, ascii bool) string {
	each := 2
	if ascii {
		each = 1
	}
	points = resample(points, width*each)
	top := 0.0
	for _, v := range points {
		if v > top { // not for NaN
			top = v
		}
	}
	height := func(v float64, of int) int {
		if top == 0 || v <= 0 {
			return 1
		}
		return max(1, int(math.Ceil(v/top*float64(of))))
	}
	var b strings.Builder
	for i := 0; i < len(points); i += each {
		if ascii {
			if math.IsNaN(points[i]) {
				b.WriteByte(' ')
			} else {
				b.WriteByte(steps[height(points[i], len(steps))-1])
			}
			continue
		}
		r := blank
		for k, dots := range [][4]rune{left, right} {
			if v := points[i+k]; !math.IsNaN(v) {
				for _, dot := range dots[:height(v, len(dots))] {
					r |= dot
				}
			}
		}
		b.WriteRune(r)
	}
	return b.String()
}

// resample returns n points: means of neighbours where there are more, and unknown
// ones in front where there are fewer.
func resample(points []float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		from, to := i*len(points)/n, (i+1)*len(points)/n
		if len(points) < n {
			from, to = i-(n-len(points)), i-(n-len(points))+1
		}
		out[i] = mean(points[max(from, 0):max(to, 0)])
	}
	return out
}

// mean is that of what is known and finite, NaN if nothing is.
func mean(points []float64) float64 {
	var known []float64
	for _, v := range points {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			known = append(known, v)
		}
	}
	if known == nil {
		return math.NaN()
	}
	sum := 0.0
	for _, v := range known {
		sum += v / float64(len(known)) // before adding up, which may not overflow
	}
	return sum
}
