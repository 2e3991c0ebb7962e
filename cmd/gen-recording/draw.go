// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"
)

// How long a line is being typed, and what it prints is shown: for the last command
// of a scene, until the next scene begins.
const (
	typing  = 400 * time.Millisecond
	glance  = 700 * time.Millisecond
	reading = 1900 * time.Millisecond
)

// The size of a cell and of the margin, in pixels at a font of 13.
const (
	cell   = 8
	height = 18
	margin = 16
)

// head is the drawing's beginning. What does not play animations, or was asked not
// to, shows the first scene.
const head = `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[2]d" viewBox="0 0 %[1]d %[2]d" role="img" aria-labelledby="title">
<title id="title">kubectl micro in a terminal</title>
<style>
.screen{fill:#f6f8fa;stroke:#d0d7de}
text{white-space:pre;font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#1f2328}
.dim{fill:#59636e}.red{fill:#b31d28}.green{fill:#116329}.yellow{fill:#7d4e00}.cyan{fill:#0a5a75}.bold{font-weight:bold}
@media (prefers-color-scheme:dark){
.screen{fill:#0d1117;stroke:#3d444d}
text{fill:#e6edf3}
.dim{fill:#9198a1}.red{fill:#ff7b72}.green{fill:#56d364}.yellow{fill:#e3b341}.cyan{fill:#76e3ea}
}
.scene{opacity:0;animation:%[3]s step-end infinite}
.scene:first-of-type{opacity:1}
.typed{animation:typed %[3]s infinite}
.out{animation:out %[3]s step-end infinite}
@keyframes typed{0%%{clip-path:inset(0 100%% 0 0);animation-timing-function:steps(40)}%[4]s,to{clip-path:inset(0)}}
@keyframes out{0%%{opacity:1}%[5]s,to{opacity:0}}
`

// body is what follows the keyframes of the scenes.
const body = `@media (prefers-reduced-motion:reduce){.scene,.typed,.out{animation:none!important}}
</style>
<rect class="screen" x=".5" y=".5" width="%d" height="%d" rx="8"/>
<g xml:space="preserve">
`

// canvas collects the drawing.
type canvas struct {
	bytes.Buffer
	total time.Duration
	row   int
}

// draw makes an animated picture of the scenes, one after another.
func draw(scenes []*scene) []byte {
	var c canvas
	var longest time.Duration
	for _, s := range scenes {
		c.total += s.time()
		longest = max(longest, s.time())
	}
	width, high := columns*cell+2*margin, rows*height+2*margin
	fmt.Fprintf(&c.Buffer, head, width, high, seconds(c.total), c.share(typing), c.share(longest))
	for i, s := range scenes {
		fmt.Fprintf(&c.Buffer, "@keyframes scene%d{0%%{opacity:1}%s,to{opacity:0}}\n", i, c.share(s.time()))
	}
	fmt.Fprintf(&c.Buffer, body, width-1, high-1)
	var at time.Duration
	for i, s := range scenes {
		c.scene(i, s, at)
		at += s.time()
	}
	c.WriteString("</g>\n</svg>\n")
	return c.Bytes()
}

// time is how long a command is typed and its output alone is looked at.
func (s *step) time() time.Duration { return time.Duration(len(s.typed))*typing + glance }

// time is how long a scene is on the screen.
func (s *scene) time() time.Duration {
	d := reading - glance
	for _, step := range s.steps {
		d += step.time()
	}
	return d
}

// scene draws a screen that is shown from a time on: the comment, and of each
// command the typing and, when that has ended, the output.
func (c *canvas) scene(i int, s *scene, at time.Duration) {
	fmt.Fprintf(&c.Buffer, "<g class=\"scene\" style=\"animation-name:scene%d;%s\">\n", i, c.delay(at))
	c.row = 0
	c.line(line{{style{dim: true}, s.comment}}, "")
	for _, step := range s.steps {
		from := at
		for n, text := range step.typed {
			typed := line{{style{bold: true}, text}}
			if n == 0 {
				typed = append(line{{style{color: "green"}, "$ "}}, typed...)
			}
			c.group(from, func() { c.line(typed, fmt.Sprintf(" class=\"typed\" style=%q", c.delay(from))) })
			from += typing
		}
		c.group(from, func() {
			for _, l := range step.output {
				c.line(l, "")
			}
		})
		at += step.time()
	}
	c.WriteString("</g>\n")
}

// group draws what appears at a time.
func (c *canvas) group(at time.Duration, draw func()) {
	fmt.Fprintf(&c.Buffer, "<g class=\"out\" style=%q>\n", c.delay(at))
	draw()
	c.WriteString("</g>\n")
}

// line draws the next line of the screen, with attributes of its own.
func (c *canvas) line(l line, attributes string) {
	c.row++
	if len(l) == 0 {
		return
	}
	fmt.Fprintf(&c.Buffer, "<text x=\"%d\" y=\"%d\"%s>", margin, margin+c.row*height-5, attributes)
	for _, s := range l {
		begin, end := "", ""
		if class := s.class(); class != "" {
			begin, end = fmt.Sprintf("<tspan class=%q>", class), "</tspan>"
		}
		c.WriteString(begin)
		_ = xml.EscapeText(&c.Buffer, []byte(s.text)) // a buffer takes everything
		c.WriteString(end)
	}
	c.WriteString("</text>\n")
}

// delay is the declaration of what begins at a time of the whole. It is negative, so
// that everything is where it belongs from the first moment on.
func (c *canvas) delay(start time.Duration) string {
	return "animation-delay:" + seconds(start-c.total)
}

// share is a part of the whole, in percent.
func (c *canvas) share(d time.Duration) string {
	return fmt.Sprintf("%.4g%%", 100*d.Seconds()/c.total.Seconds())
}

func seconds(d time.Duration) string { return fmt.Sprintf("%gs", d.Seconds()) }
