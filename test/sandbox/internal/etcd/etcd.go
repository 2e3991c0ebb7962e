// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package etcd copies keys out of and into an etcd server over its JSON gateway.
package etcd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Pair is a key with its value. As JSON it is what the gateway speaks: both in base64.
type Pair struct {
	Key   []byte `json:"key"`
	Value []byte `json:"value"`
}

var client = &http.Client{Timeout: 10 * time.Second}

// Healthy returns nil when the server at a URL accepts requests.
func Healthy(ctx context.Context, server string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server+"/health", nil)
	if err != nil {
		return err
	}
	_, err = send(request)
	return err
}

// Read returns all pairs whose keys begin with prefix, which must not be empty.
func Read(ctx context.Context, server, prefix string) ([]Pair, error) {
	end := []byte(prefix)
	end[len(end)-1]++ // the first key behind all that begin with the prefix
	data, err := post(ctx, server+"/v3/kv/range", map[string][]byte{"key": []byte(prefix), "range_end": end})
	if err != nil {
		return nil, err
	}
	var answer struct {
		Pairs []Pair `json:"kvs"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return nil, fmt.Errorf("expected key-value pairs of etcd: %w", err)
	}
	return answer.Pairs, nil
}

// Write puts all pairs.
func Write(ctx context.Context, server string, pairs []Pair) error {
	for _, pair := range pairs {
		if _, err := post(ctx, server+"/v3/kv/put", pair); err != nil {
			return fmt.Errorf("cannot write %s: %w", pair.Key, err)
		}
	}
	return nil
}

func post(ctx context.Context, url string, in any) ([]byte, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return send(request)
}

func send(request *http.Request) ([]byte, error) {
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", request.URL, response.Status, data)
	}
	return data, err
}
