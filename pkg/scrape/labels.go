// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scrape

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// labels reads {a="1","b.c"="2"}; a name in quotes without a value is that of the
// metric, as names in UTF-8 are written.
func (l *line) labels(into *signals.Labels) error {
	l.at++ // the brace
	for {
		l.blanks()
		if l.peek() == '}' {
			l.at++
			return nil
		}
		name, quoted, err := l.labelName()
		if err != nil {
			return err
		}
		l.blanks()
		label := signals.Label{Name: name}
		switch {
		case l.peek() == '=':
			l.at++
			l.blanks()
			if label.Value, err = l.quoted("the value of " + name); err != nil {
				return err
			}
		case quoted && into.Get(nameLabel) == "":
			label = signals.Label{Name: nameLabel, Value: name}
		default:
			return fmt.Errorf("expected = after the label %s, found %s", name, shorten(string(l.text[l.at:])))
		}
		if into.Get(label.Name) != "" {
			return fmt.Errorf("expected each label once, found %s again", label.Name)
		}
		*into = append(*into, label)
		l.blanks()
		switch l.peek() {
		case ',':
			l.at++
		case '}':
		default:
			return fmt.Errorf("expected , or } after the label %s, found %s", label.Name, shorten(string(l.text[l.at:])))
		}
	}
}

func (l *line) labelName() (name string, quoted bool, err error) {
	if l.peek() == '"' {
		name, err = l.quoted("the name of a label")
		if err == nil && name == "" {
			err = errors.New("expected the name of a label, found nothing in the quotes")
		}
		return name, true, err
	}
	from := l.at
	if name = string(l.word("=,} \t\"")); !isName(name) || strings.Contains(name, ":") {
		l.at = from
		return "", false, fmt.Errorf("expected the name of a label, found %s", shorten(name))
	}
	return name, false, nil
}

// quoted reads text in double quotes, in which \\, \" and \n stand for themselves.
func (l *line) quoted(what string) (string, error) {
	if l.peek() != '"' {
		return "", fmt.Errorf("expected %s in double quotes, found %s", what, shorten(string(l.text[l.at:])))
	}
	rest := l.text[l.at+1:]
	end := bytes.IndexByte(rest, '"')
	if end >= 0 && bytes.IndexByte(rest[:end], '\\') < 0 { // nearly always
		l.at += end + 2
		return string(rest[:end]), nil
	}
	var out strings.Builder
	for i := 0; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == '"':
			l.at += i + 2
			return out.String(), nil
		case c == '\\' && i+1 < len(rest):
			i++
			switch rest[i] {
			case 'n':
				out.WriteByte('\n')
			case '\\', '"':
				out.WriteByte(rest[i])
			default: // other pairs stand for both of their characters
				out.WriteByte('\\')
				out.WriteByte(rest[i])
			}
		default:
			out.WriteByte(c)
		}
	}
	return "", fmt.Errorf("expected %s to end with a double quote, found the end of the line", what)
}
