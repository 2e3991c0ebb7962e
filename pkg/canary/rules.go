// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

// The rules of the preflight, by the suite's stable ids.
const (
	ruleHost        = "KM8001" // a destination's host stands for nothing
	ruleSubset      = "KM8002" // no DestinationRule defines the subset
	ruleSubsetPods  = "KM8003" // the subset selects no pods
	ruleClientRules = "KM8005" // a caller's own DestinationRule lacks the subset
	ruleRivals      = "KM8006" // several route objects for one host
	rulePort        = "KM8008" // no port where the Service has several
	ruleDelegate    = "KM8010" // nothing delegates to a VirtualService without hosts
	ruleExport      = "KM8014" // exportTo hides a delegate from its root
	ruleReady       = "KM8022" // no endpoint of the canary is ready
	ruleSticky      = "KM8023" // consistentHash does not survive a weighted split
	ruleCoverage    = "KM8024" // callers that the split does not reach
	ruleForeign     = "KM8025" // another canary controller drives the object
	ruleGitOps      = "KM8026" // a GitOps controller would revert the write
	ruleCapacity    = "KM8027" // too few ready endpoints for the share
	ruleAccepted    = "KM8028" // no gateway has accepted the route
	ruleRoom        = "KM8029" // a leg more than the API allows
	ruleNote        = "KM8030" // what a person should know of a route
	ruleDrift       = "KM8031" // somebody else changed a weight of the session
	ruleMesh        = "KM8032" // the canary's pods, or their waypoint, are not in the mesh
	ruleGatewayHost = "KM8033" // the Gateway does not serve the host
)
