"""nbgrader's extension points, its gradebook, and the exchange over git."""
