// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs

import "strings"

// klog is the head of a line of Kubernetes' own logger:
// "Lmmdd hh:mm:ss.uuuuuu threadid file:line] msg" (k8s.io/klog/v2, formatHeader).
type klog struct {
	level                      Level
	time, thread, caller, text string
}

// klogHeader reads it.
func klogHeader(line string) (h klog, ok bool) {
	const shortest = len("I0102 15:04:05")
	if len(line) < shortest || !digits(line[1:5]) || line[5] != ' ' || line[8] != ':' || line[11] != ':' {
		return h, false
	}
	if strings.IndexByte("IWEF", line[0]) < 0 {
		return h, false
	}
	end := strings.Index(line, "] ")
	if end < 0 {
		return h, false
	}
	words := strings.Fields(line[:end])
	if len(words) != 4 {
		return h, false
	}
	h.level, _ = levelOfWord(line[:1])
	h.time, h.thread, h.caller, h.text = line[1:5]+" "+words[1], words[2], words[3], line[end+2:]
	return h, true
}

// record splits the message of klog's structured calls: `"Syncing" pod="a/b"`.
func (h klog) record() Record {
	r := Record{Format: Klog, Time: h.time, Level: h.level, Message: h.text}
	if strings.HasPrefix(h.text, `"`) {
		if end, ok := skipString(h.text, 0); ok {
			r.Message = unquote(h.text[:end])
			r.Fields = append(r.Fields, pairs(h.text[end:])...)
		}
	}
	r.Fields = append(r.Fields, Field{"caller", h.caller, false})
	return r
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
