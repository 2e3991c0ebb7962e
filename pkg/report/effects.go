// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// effect is what a cause explains of one rule: on one object, or on many.
type effect struct {
	*api.Finding
	// n counts findings, on their objects, each once.
	n  int
	on []string
}

// effects joins the findings of one rule on one object, and those of one rule
// on many objects.
func effects(findings []*api.Finding) []*effect {
	objects := map[string]map[api.ObjectRef]bool{}
	for _, f := range findings {
		if objects[f.ID] == nil {
			objects[f.ID] = map[api.ObjectRef]bool{}
		}
		objects[f.ID][f.Subject] = true
	}
	type key struct {
		id      string
		subject api.ObjectRef
	}
	at := map[key]*effect{}
	seen := map[key]bool{}
	var out []*effect
	for _, f := range findings {
		one := key{f.ID, f.Subject}
		k := one
		if len(objects[f.ID]) >= alike {
			k.subject = api.ObjectRef{}
		}
		e := at[k]
		if e == nil {
			e = &effect{Finding: f}
			at[k] = e
			out = append(out, e)
		}
		e.n++
		if !seen[one] {
			seen[one] = true
			e.on = append(e.on, object(f.Subject))
		}
		if rank(f.Severity) > rank(e.Severity) {
			e.Finding = f
		}
	}
	return out
}

// String is "KM8002 x2 VirtualService shop/cart: message", or the title of the
// rule and a few of many objects.
func (e *effect) String() string {
	times := ""
	if e.n > 1 {
		times = fmt.Sprintf(" x%d", e.n)
	}
	if len(e.on) > 1 {
		return fmt.Sprintf("%s%s %s: %s", e.ID, times, e.Title, few(e.on, maxNames))
	}
	return fmt.Sprintf("%s%s %s", e.ID, times, sentence(e.Finding))
}

// explains tells what goes away with a cause: first other faults of the same
// field and the same fault in other fields of the object, then other objects'.
func (p *page) explains(c *api.Cause) {
	var same, others []*api.Finding
	for i := range c.Explains {
		e := &c.Explains[i]
		switch {
		case e.ID == c.ID && e.Subject == c.Subject && !p.o.All:
			same = append(same, e)
		case e.ID != c.ID && e.Subject == c.Subject && e.Field == c.Field && e.Field != "":
			p.line("also: ", worse(e, c)+e.ID+" "+e.Message)
			if e.Hint != "" {
				p.line("  hint: ", strings.Join(lines(e.Hint), "; "))
			}
		default:
			others = append(others, e)
		}
	}
	if p.o.All {
		for _, f := range others {
			p.line("explains: ", fmt.Sprintf("%s%s %s", worse(f, c), f.ID, sentence(f)))
			if at := place(f); at != "" {
				p.line("  at ", at)
			}
			if f.Hint != "" {
				p.line("  hint: ", strings.Join(lines(f.Hint), "; "))
			}
		}
		return
	}
	p.also(same)
	all := effects(others)
	for i, e := range all {
		if i == maxEffects {
			left := 0
			for _, e := range all[i:] {
				left += e.n
			}
			p.line("explains: ", fmt.Sprintf("%d more", left))
			break
		}
		p.line("explains: ", worse(e.Finding, c)+e.String())
	}
}

// also tells the same fault in other fields of the object: one by its message,
// several by their fields.
func (p *page) also(same []*api.Finding) {
	if len(same) == 0 {
		return
	}
	if len(same) == 1 {
		p.line("also: ", same[0].Message)
		return
	}
	var fields []string
	for _, f := range same {
		if f.Field != "" {
			fields = append(fields, f.Field)
		}
	}
	if len(fields) < len(same) {
		p.line("also: ", fmt.Sprintf("%d times more", len(same)))
		return
	}
	p.line("also: ", fmt.Sprintf("in %d more fields: %s", len(same), few(fields, maxEffects)))
}

// worse is the severity of an effect where it is above that of the cause, which the
// headline has: what is explained may be worse than what is wrong.
func worse(f *api.Finding, c *api.Cause) string {
	if rank(f.Severity) > rank(c.Severity) {
		return f.Severity + " "
	}
	return ""
}
