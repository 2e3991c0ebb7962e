#!/bin/sh
# 6.1 The parts of Istio
# - Pilot: traffic
# - Citadel: security and authentication
# - Galley: validation of configuration
# - Envoy: proxy of the data plane

# 6.2 Install it and look at it
istioctl install --set profile=demo -y
kubectl get pods -n istio-system
