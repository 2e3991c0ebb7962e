// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// JSONL prints each item as JSON on a line of its own (https://jsonlines.org), for
// programs that read as they go.
func JSONL[T any](w io.Writer, items []T) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	for i := range items {
		if err := encoder.Encode(&items[i]); err != nil {
			return fault.Wrap(fault.Failed, err, "encode %T", items[i])
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}
