// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// scanner reads JSON from left to right. It believes what does not matter here:
// it accepts all that is JSON, and some that is not. After the first error
// nothing is read any more.
type scanner struct {
	data []byte
	at   int
	err  error
}

func (s *scanner) fail(expected string) {
	if s.err != nil {
		return
	}
	found := "the end"
	if s.at < len(s.data) {
		found = fmt.Sprintf("%q", s.data[s.at])
	}
	s.err = fmt.Errorf("expected %s at byte %d, found %s", expected, s.at, found)
	s.at = len(s.data)
}

// peek returns the next byte that is no blank, 0 at the end.
func (s *scanner) peek() byte {
	for ; s.at < len(s.data); s.at++ {
		switch c := s.data[s.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// eat takes a byte, if it comes next.
func (s *scanner) eat(c byte) bool {
	if s.peek() != c || s.at >= len(s.data) {
		return false
	}
	s.at++
	return true
}

// object calls each for the keys of an object; each has to take the value. The
// key is valid until then.
func (s *scanner) object(each func(key []byte)) {
	s.list('{', '}', func() {
		key := s.text()
		if !s.eat(':') {
			s.fail("a colon")
			return
		}
		each(key)
	})
}

// array calls each for the elements of an array; each has to take one.
func (s *scanner) array(each func()) { s.list('[', ']', each) }

func (s *scanner) list(open, end byte, each func()) {
	if !s.eat(open) {
		s.fail(string(open))
		return
	}
	if s.eat(end) {
		return
	}
	for s.err == nil {
		each()
		switch {
		case s.err != nil:
		case s.eat(','):
		case s.eat(end):
			return
		default:
			s.fail("a comma or " + string(end))
		}
	}
}

// text returns a string, which is a part of the data if nothing in it is escaped.
func (s *scanner) text() []byte {
	if s.peek() != '"' {
		s.fail("a string")
		return nil
	}
	start := s.at
	s.pass()
	if s.err != nil {
		return nil
	}
	inner := s.data[start+1 : s.at-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return inner
	}
	var out string
	if err := json.Unmarshal(s.data[start:s.at], &out); err != nil {
		s.at = start
		s.fail("a string")
	}
	return []byte(out)
}

// pass goes behind a string.
func (s *scanner) pass() {
	for i := s.at + 1; i < len(s.data); i++ {
		switch s.data[i] {
		case '\\':
			i++
		case '"':
			s.at = i + 1
			return
		}
	}
	s.at = len(s.data)
	s.fail("the end of a string")
}

// bare returns a number or a word: up to what ends it.
func (s *scanner) bare() []byte {
	s.peek()
	start := s.at
	for ; s.at < len(s.data); s.at++ {
		switch s.data[s.at] {
		case ',', ']', '}', ':', '"', ' ', '\t', '\n', '\r', '[', '{':
			if s.at == start {
				s.fail("a value")
			}
			return s.data[start:s.at]
		}
	}
	if s.at == start {
		s.fail("a value")
	}
	return s.data[start:s.at]
}

// raw goes behind a value and returns it as it is written.
func (s *scanner) raw() []byte {
	c := s.peek()
	start := s.at
	switch c {
	case '"':
		s.pass()
	case '{', '[':
		for depth := 0; s.err == nil; {
			switch s.peek() {
			case '"':
				s.pass()
				continue
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			case 0:
				s.fail("the end of a value")
				return nil
			}
			s.at++
			if depth == 0 {
				break
			}
			if depth < 0 {
				s.fail("a value")
			}
			continue
		}
	default:
		s.bare()
	}
	if s.err != nil {
		return nil
	}
	return s.data[start:s.at]
}
