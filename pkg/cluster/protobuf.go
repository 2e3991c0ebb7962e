// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"bytes"
	"iter"

	"google.golang.org/protobuf/encoding/protowire"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// The fields of the messages around an object, see the generated.proto of
// k8s.io/apimachinery: runtime.Unknown, any list, ListMeta, any object, ObjectMeta.
const (
	envelopeType      = 1
	typeKind          = 2
	envelopeRaw       = 2
	listMetadata      = 1
	listContinue      = 3
	listItems         = 2
	objectMetadata    = 1
	metaManagedFields = 17
)

// envelope begins every answer in protobuf.
var envelope = []byte("k8s\x00")

// unknownField is a tag as long as that of managedFields which no type has, so
// that what follows it is skipped.
var unknownField = protowire.AppendTag(nil, 2047, protowire.BytesType)

// decodeList decodes an answer in protobuf into a list of the kind, without the
// copy of the whole that the decoder of client-go makes. It returns false for an
// answer that is something else, which is then for that decoder.
func decodeList(body []byte, k *model.Kind, managedFields bool) (runtime.Object, bool) {
	list := k.NewList()
	into, ok := list.(interface{ Unmarshal([]byte) error })
	if !ok || !bytes.HasPrefix(body, envelope) {
		return nil, false
	}
	body = body[len(envelope):]
	raw, named := value(body, envelopeRaw), value(value(body, envelopeType), typeKind)
	if len(raw) == 0 || string(named) != k.Kind+"List" {
		return nil, false
	}
	if !managedFields {
		maskManagedFields(raw)
	}
	return list, into.Unmarshal(raw) == nil
}

// tokenAhead is the token of the page after an answer, empty if there is none or if
// that is not known before the answer is decoded, as with JSON.
func tokenAhead(body []byte) string {
	if !bytes.HasPrefix(body, envelope) {
		return ""
	}
	list := value(body[len(envelope):], envelopeRaw)
	return string(value(value(list, listMetadata), listContinue))
}

// maskManagedFields makes the objects of a list decode without managedFields,
// which are a third of what there is to decode: it changes their tags in place.
func maskManagedFields(list []byte) {
	for _, item := range valuesOf(list, listItems) {
		for _, meta := range valuesOf(item, objectMetadata) {
			for at := range valuesOf(meta, metaManagedFields) {
				copy(meta[at:], unknownField)
			}
		}
	}
}

// valuesOf are the values of one field of a message, with the offsets of their
// tags; only those that hold bytes. They end where the message is broken.
func valuesOf(message []byte, number protowire.Number) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		for at := 0; at < len(message); {
			n, kind, size := protowire.ConsumeTag(message[at:])
			if size < 0 {
				return
			}
			length := protowire.ConsumeFieldValue(n, kind, message[at+size:])
			if length < 0 {
				return
			}
			if n == number && kind == protowire.BytesType {
				if value, _ := protowire.ConsumeBytes(message[at+size:]); !yield(at, value) {
					return
				}
			}
			at += size + length
		}
	}
}

// value is the last value of a field, which is the one that counts.
func value(message []byte, number protowire.Number) []byte {
	var last []byte
	for _, v := range valuesOf(message, number) {
		last = v
	}
	return last
}
