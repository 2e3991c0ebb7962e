// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package api

import _ "embed" // of system.schema.json

// SystemSchema is the JSON Schema (draft 7) of app files, as editors take it. It is
// made of the types by cmd/gen-schema.
//
//go:embed system.schema.json
var SystemSchema string
