"""`make road`: the road of one submit through our modules, and what it was before."""
