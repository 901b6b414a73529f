"""Digital industries by unit: location quotients, similarity of structure and the negative list."""
