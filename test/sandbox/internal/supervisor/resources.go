// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package supervisor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/api"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/crd"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/etcd"
)

// crdWorkers is the number of definitions that are sent at the same time.
const crdWorkers = 4

const crdPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

// definitions are all CRDs of a sandbox.
type definitions struct {
	kwok, others []crd.Definition
	// stored is the file with the form that an API server has given them before.
	stored string
	// restored says that the API server began with them.
	restored bool
}

// newDefinitions reads the definitions of other projects from a file and adds those of kwok and, unless a server has
// them, of resource metrics.
func newDefinitions(file string, withMetrics bool) (*definitions, error) {
	others, err := crd.Load(file)
	if err != nil {
		return nil, err
	}
	if withMetrics {
		metrics, err := crd.Metrics()
		if err != nil {
			return nil, err
		}
		others = slices.Concat(others, metrics)
	}
	kwok, err := crd.Kwok()
	if err != nil {
		return nil, err
	}
	d := &definitions{kwok: kwok, others: others}
	d.stored, err = crd.Stored(slices.Concat(d.kwok, d.others))
	return d, err
}

// restore puts the definitions of an earlier sandbox into etcd, before an API server looks there.
func (s *supervisor) restore(ctx context.Context, all *definitions) error {
	pairs, err := crd.ReadStored(all.stored)
	if err != nil || len(pairs) == 0 {
		return err
	}
	if err := api.Until(ctx, interval, func(ctx context.Context) error { return etcd.Healthy(ctx, s.ports.Etcd()) }); err != nil {
		return fmt.Errorf("waiting for etcd: %w", err)
	}
	all.restored = true
	return etcd.Write(ctx, s.ports.Etcd(), pairs)
}

// backup keeps the definitions for the next sandbox.
func (s *supervisor) backup(ctx context.Context, all *definitions) error {
	if all.restored {
		return nil
	}
	pairs, err := etcd.Read(ctx, s.ports.Etcd(), crd.StoredPrefix)
	if err != nil {
		return err
	}
	if want := len(all.kwok) + len(all.others); len(pairs) != want {
		return fmt.Errorf("expected %d CRDs in etcd, found %d", want, len(pairs))
	}
	return crd.WriteStored(all.stored, pairs)
}

// install creates some of all definitions, unless they were restored, and waits until the API server serves them.
func (s *supervisor) install(ctx context.Context, all *definitions, some []crd.Definition) error {
	if !all.restored {
		if err := s.create(ctx, some); err != nil {
			return err
		}
	}
	return s.await(ctx, fmt.Sprintf("%d custom resources", len(some)), s.served(some))
}

// create sends definitions, several at a time.
func (s *supervisor) create(ctx context.Context, some []crd.Definition) error {
	queue := make(chan crd.Definition, len(some))
	for _, definition := range some {
		queue <- definition
	}
	close(queue)
	errs := make([]error, crdWorkers)
	var workers sync.WaitGroup
	for i := range crdWorkers {
		workers.Go(func() {
			for definition := range queue {
				if err := s.client.Ensure(ctx, crdPath, json.RawMessage(definition.Object)); err != nil {
					errs[i] = fmt.Errorf("cannot install %s: %w", definition.Name, err)
					return
				}
			}
		})
	}
	workers.Wait()
	return errors.Join(errs...)
}

// served checks that the API server lists the resources of all definitions, and that each can be read: a storage is
// made on the first request for it, which is turned away with 429 meanwhile.
func (s *supervisor) served(definitions []crd.Definition) func(context.Context) error {
	missing := map[string][]string{}
	for _, definition := range definitions {
		plural, _, _ := strings.Cut(definition.Name, ".")
		for _, path := range definition.Served {
			missing[path] = append(missing[path], plural)
		}
	}
	return func(ctx context.Context) error {
		for path, plurals := range missing {
			var list struct{ Resources []struct{ Name string } }
			if err := s.client.Get(ctx, path, &list); err != nil {
				return err
			}
			names := map[string]bool{}
			for _, resource := range list.Resources {
				names[resource.Name] = true
			}
			for _, plural := range plurals {
				if !names[plural] {
					return fmt.Errorf("%s does not list %s yet", path, plural)
				}
				if err := s.client.Get(ctx, path+"/"+plural+"?limit=1", nil); err != nil {
					return err
				}
			}
			delete(missing, path)
		}
		return nil
	}
}
