// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

const (
	// drawAfter is how long a step may take before it is worth a line on a terminal.
	drawAfter = time.Second
	// redrawEvery keeps the seconds on that line moving.
	redrawEvery = 200 * time.Millisecond
	// sayAfter is how long a step may take before a log gets its one line.
	sayAfter = 5 * time.Second
	// eraseLine returns to the first column and clears the line.
	eraseLine = "\r\x1b[K"
)

// Progress shows on stderr what a command is waiting for. On a terminal it is
// one line that appears after a second, is redrawn and vanishes; elsewhere a
// step that takes longer than five seconds is one plain line, once. It is safe
// for concurrent use, and has a goroutine only while a step is under way.
type Progress struct {
	out      io.Writer
	terminal bool
	width    int

	mu      sync.Mutex
	steps   []*Step
	stop    chan struct{}
	stopped chan struct{}
	drawn   bool // the line is on the screen
	midline bool // somebody else's line has no end yet
}

// NewProgress returns a Progress that writes to out. Width is the terminal's
// number of columns, 0 when it is not known.
func NewProgress(out io.Writer, terminal bool, width int) *Progress {
	return &Progress{out: out, terminal: terminal, width: width}
}

// Step is one thing a command is waiting for.
type Step struct {
	of     *Progress
	label  string
	detail string
	began  time.Time
	said   bool
}

// Start begins a step; label says what is being done ("reading pods"). The
// caller must end it with Done.
func (p *Progress) Start(label string) *Step {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := &Step{of: p, label: Sanitise(label), began: time.Now()}
	p.steps = append(p.steps, s)
	if p.stop == nil {
		p.stop, p.stopped = make(chan struct{}), make(chan struct{})
		go p.watch(p.stop, p.stopped)
	}
	return s
}

// Update says how far the step has come ("12 of 40").
func (s *Step) Update(format string, args ...any) {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	s.detail = Sanitise(fmt.Sprintf(format, args...))
}

// Done ends the step; a second call does nothing. When it was the last one,
// the line is gone before Done returns, so that output can follow.
func (s *Step) Done() {
	p := s.of
	p.mu.Lock()
	p.steps = slices.DeleteFunc(p.steps, func(o *Step) bool { return o == s })
	stop, stopped := p.stop, p.stopped
	if len(p.steps) > 0 || stop == nil {
		p.mu.Unlock()
		return
	}
	p.stop = nil
	p.erase()
	p.mu.Unlock()
	close(stop)
	<-stopped
}

// Around returns a writer that takes the line off the screen before it writes
// to w, for output that goes to the same terminal while a step is under way.
func (p *Progress) Around(w io.Writer) io.Writer { return &around{p, w} }

type around struct {
	p *Progress
	w io.Writer
}

func (a *around) Write(b []byte) (int, error) {
	a.p.mu.Lock()
	defer a.p.mu.Unlock()
	a.p.erase()
	if len(b) > 0 {
		a.p.midline = b[len(b)-1] != '\n'
	}
	return a.w.Write(b)
}

func (p *Progress) watch(stop <-chan struct{}, stopped chan<- struct{}) {
	defer close(stopped)
	ticker := time.NewTicker(redrawEvery)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case now := <-ticker.C:
			p.show(now)
		}
	}
}

func (p *Progress) show(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.steps) == 0 {
		return
	}
	if p.terminal {
		p.draw(now)
		return
	}
	for _, s := range p.steps {
		if !s.said && now.Sub(s.began) >= sayAfter {
			s.said = true
			fmt.Fprintf(p.out, "%s ...\n", s.text())
		}
	}
}

// draw shows the oldest step: it is the one the user has waited for longest.
func (p *Progress) draw(now time.Time) {
	s := p.steps[0]
	age := now.Sub(s.began)
	if age < drawAfter || p.midline {
		return
	}
	line := fmt.Sprintf("%s ... %ds", s.text(), int(age.Seconds()))
	if more := len(p.steps) - 1; more > 0 {
		line += fmt.Sprintf(" (and %d more)", more)
	}
	if p.width > 2 {
		line = fit(line, p.width-1) // a full line would wrap, and could not be erased
	}
	io.WriteString(p.out, eraseLine+line)
	p.drawn = true
}

func (p *Progress) erase() {
	if p.drawn {
		io.WriteString(p.out, eraseLine)
		p.drawn = false
	}
}

// text is the label and how far the step has come.
func (s *Step) text() string {
	if s.detail == "" {
		return s.label
	}
	return s.label + ": " + s.detail
}
