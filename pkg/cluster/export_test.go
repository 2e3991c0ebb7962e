// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster

// TokenAhead is tested by itself: whether a page was asked for early shows nowhere else.
var TokenAhead = tokenAhead
