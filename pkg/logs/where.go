// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// Where is an expression over the fields of a line:
//
//	expression = all { ("or" | "||") all }
//	all        = one { ("and" | "&&") one }
//	one        = ("not" | "!") one | "(" expression ")" | field [ operator value ]
//	operator   = "=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~"
//
// A field is a name or a path, "http.status"; names with blanks are quoted. A
// field alone holds where it is there and is not false, null or empty. Values are
// words or quoted, numbers (400), durations (250ms), names of levels (where the
// field is level), null, and after ~ regular expressions (RE2), which match
// anywhere. What is quoted is a text for = and !=.
//
// What is not there is unequal to everything: only != and !~ hold, and "= null".
type Where struct{ test test }

// test is a node of an expression.
type test interface {
	holds(r Record, u *unclear) bool
}

// ParseWhere reads an expression. The error shows the place.
func ParseWhere(text string) (*Where, error) {
	p := &parser{text: text}
	t, err := p.either()
	if err == nil && p.skip() < len(text) {
		err = p.expected("and, or or the end")
	}
	if err != nil {
		return nil, err
	}
	return &Where{t}, nil
}

// parser reads an expression from left to right.
type parser struct {
	text string
	at   int
	// open counts the parentheses that are, whose end ends a word.
	open int
}

// maxDepth bounds how deep expressions nest, so that none exhausts the stack.
const maxDepth = 100

func (p *parser) skip() int {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
	return p.at
}

// expected is the error of what stands here.
func (p *parser) expected(what string) error {
	found := "the end"
	if p.at < len(p.text) {
		word := p.text[p.at:]
		if i := strings.IndexAny(word, " \t\r\n"); i > 0 {
			word = word[:i]
		}
		found = strconv.Quote(word)
	}
	return p.wrong(p.at, "expected %s, found %s", what, found)
}

// wrong is an error that points at a place.
func (p *parser) wrong(at int, format string, args ...any) error {
	column := utf8.RuneCountInString(p.text[:at])
	err := fault.Usagef(format, args...).At("--where, column " + strconv.Itoa(column+1))
	if !strings.ContainsAny(p.text, "\t\r\n") {
		err.Message += "\n" + p.text + "\n" + strings.Repeat(" ", column) + "^"
	}
	return err.Try(`--where 'status>=500 and path~^/api' | 'duration>250ms or not (user.id=null)'`)
}

// word takes a keyword or symbol that stands here.
func (p *parser) word(words ...string) bool {
	rest := p.text[p.skip():]
	for _, w := range words {
		if len(rest) < len(w) || !strings.EqualFold(rest[:len(w)], w) {
			continue
		}
		if letter(w[0]) && len(rest) > len(w) && nameByte(rest[len(w)]) {
			continue
		}
		p.at += len(w)
		return true
	}
	return false
}

func (p *parser) either() (test, error) {
	left, err := p.all()
	for err == nil && p.word("or", "||") {
		var right test
		right, err = p.all()
		left = anyOf{left, right}
	}
	return left, err
}

func (p *parser) all() (test, error) {
	left, err := p.one()
	for err == nil && p.word("and", "&&") {
		var right test
		right, err = p.one()
		left = allOf{left, right}
	}
	return left, err
}

func (p *parser) one() (test, error) {
	negated := 0
	for p.word("not", "!") {
		negated++
	}
	var t test
	var err error
	if p.word("(") {
		if p.open++; p.open > maxDepth {
			return nil, p.wrong(p.at-1, "expected at most %d parentheses within each other", maxDepth)
		}
		t, err = p.either()
		if err == nil && !p.word(")") {
			err = p.expected("and, or or )")
		}
		p.open--
	} else {
		t, err = p.comparison()
	}
	if negated%2 == 1 {
		t = no{t}
	}
	return t, err
}

// nameByte reports whether a name may hold a byte without quotes.
func nameByte(c byte) bool {
	return letter(c) || '0' <= c && c <= '9' || strings.IndexByte("_@.$/-", c) >= 0 || c >= utf8.RuneSelf
}

// operators, the longer before their beginnings.
var operators = []string{"!=", "!~", "<=", ">=", "==", "=", "<", ">", "~"}

func (p *parser) comparison() (test, error) {
	start := p.skip()
	field, quoted, err := p.quoted()
	if err != nil {
		return nil, err
	}
	if !quoted {
		for p.at < len(p.text) && nameByte(p.text[p.at]) {
			p.at++
		}
		field = p.text[start:p.at]
	}
	if field == "" {
		return nil, p.expected("a field")
	}
	rest := p.text[p.skip():]
	for _, op := range operators {
		if strings.HasPrefix(rest, op) {
			p.at += len(op)
			return p.against(field, op)
		}
	}
	if rest == "" || p.open > 0 && rest[0] == ')' || p.follows() {
		return given{field}, nil
	}
	return nil, p.expected("=, !=, <, <=, >, >=, ~ or !~ after " + field)
}

// follows reports whether a keyword stands here, without taking it.
func (p *parser) follows() bool {
	at := p.at
	found := p.word("and", "or", "&&", "||")
	p.at = at
	return found
}

// quoted reads a word in quotes, if one stands here. Within them a backslash
// takes the next character as it is.
func (p *parser) quoted() (string, bool, error) {
	start := p.at
	if start >= len(p.text) || p.text[start] != '"' && p.text[start] != '\'' {
		return "", false, nil
	}
	quote := p.text[start]
	var b strings.Builder
	for p.at++; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == quote:
			p.at++
			return b.String(), true, nil
		case c == '\\' && p.at+1 < len(p.text) && (p.text[p.at+1] == quote || p.text[p.at+1] == '\\'):
			p.at++
			b.WriteByte(p.text[p.at])
		default:
			b.WriteByte(c)
		}
	}
	p.at = start
	return "", false, p.wrong(start, "expected %c at the end of the quoted text", quote)
}

// value reads a word up to a blank, or to the parenthesis that ends the group it
// is in: those of its own are part of it.
func (p *parser) value() string {
	start, depth := p.at, 0
	for ; p.at < len(p.text); p.at++ {
		c := p.text[p.at]
		switch {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			return p.text[start:p.at]
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case c == ')' && p.open > 0:
			return p.text[start:p.at]
		case strings.HasPrefix(p.text[p.at:], "&&") || strings.HasPrefix(p.text[p.at:], "||"):
			return p.text[start:p.at]
		}
	}
	return p.text[start:]
}

// against reads the value of a comparison.
func (p *parser) against(field, op string) (test, error) {
	start := p.skip()
	text, quoted, err := p.quoted()
	if err != nil {
		return nil, err
	}
	if !quoted {
		if text = p.value(); text == "" {
			return nil, p.expected("a value after " + op)
		}
		if op != "~" && op != "!~" && strings.IndexByte("<>=!~", text[0]) >= 0 {
			// A slip like >> would hold of nothing, and say nothing.
			p.at = start
			return nil, p.expected("a value after " + op + " (in quotes if it begins so)")
		}
	}
	switch op {
	case "~", "!~":
		pattern, err := regexp.Compile(text)
		if err != nil {
			return nil, p.wrong(start, "expected a regular expression (RE2) after %s: %s", op, err)
		}
		return matching{field, pattern, op == "!~"}, nil
	case "==":
		op = "="
	}
	return p.compared(compared{field: field, op: op, text: text, quoted: quoted}, start)
}

// compared finds out what else than a text the value at start may be. A text in
// quotes is one for = and !=, but for the name of a level; what orders reads it like
// any other value.
func (p *parser) compared(c compared, start int) (test, error) {
	orders := !c.equality()
	if c.null = c.text == "null" && !c.quoted; c.null && orders {
		return nil, p.wrong(start, "expected a value that %s can compare with, found null", c.op)
	}
	if c.field == "level" && !isNumber(c.text) {
		if c.level, c.isLevel = ParseLevel(c.text); !c.isLevel && orders {
			p.at = start
			return nil, p.expected("one of " + strings.Join(Levels(), ", ") + " after " + c.op)
		}
	}
	if c.quoted && !orders {
		return c, nil
	}
	if n, err := strconv.ParseFloat(c.text, 64); err == nil && isNumber(c.text) {
		c.number, c.isNumber = n, true
	} else if d, err := time.ParseDuration(c.text); err == nil {
		c.number, c.isDuration = d.Seconds(), true
	} else if orders && !c.quoted && quantity(c.text) {
		p.at = start
		return nil, p.expected("a number, a duration with a unit of ns, us, ms, s, m or h, or text in quotes after " + c.op)
	}
	return c, nil
}
