// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package proc

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
)

// firstPort and lastPort lie below the range from which Linux takes the local ports of outgoing connections (32768 and
// up), so that no connection steals a port between our choice and the component's bind.
const (
	firstPort = 20000
	lastPort  = 32700
)

// Ports are loopback ports that no other sandbox of this machine will choose while they are held.
type Ports struct {
	Numbers []int

	claims []io.Closer
}

// ReservePorts finds free loopback ports. Each is claimed by a socket in Linux's abstract namespace: the claim is atomic
// between sandboxes that start at the same time, leaves no file behind and ends with the process.
func ReservePorts(count int) (*Ports, error) {
	ports := &Ports{}
	for range 100 * count {
		if len(ports.Numbers) == count {
			return ports, nil
		}
		port := firstPort + rand.IntN(lastPort-firstPort)
		claim, err := net.Listen("unix", "@kubectl-micro-sandbox-port-"+strconv.Itoa(port))
		if err != nil {
			continue
		}
		if !free(port) {
			claim.Close()
			continue
		}
		ports.Numbers = append(ports.Numbers, port)
		ports.claims = append(ports.claims, claim)
	}
	return nil, errors.Join(fmt.Errorf("found no %d free ports between %d and %d", count, firstPort, lastPort), ports.Close())
}

// Close gives the ports back.
func (p *Ports) Close() error {
	var errs []error
	for _, claim := range p.claims {
		errs = append(errs, claim.Close())
	}
	return errors.Join(errs...)
}

func free(port int) bool {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return listener.Close() == nil
}
