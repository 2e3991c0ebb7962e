#!/bin/sh
# 3.1 Build and push the image
docker build -t myapp:v1.0 .
docker tag myapp:v1.0 registry.example.com/myapp:v1.0
docker push registry.example.com/myapp:v1.0

# 3.3 Rolling update and rollback
kubectl set image deployment/myapp-deployment myapp=registry.example.com/myapp:v2.0
kubectl rollout status deployment/myapp-deployment
kubectl rollout undo deployment/myapp-deployment
