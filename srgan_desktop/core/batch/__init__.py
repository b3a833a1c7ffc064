"""Many pictures: a queue that survives everything, and what works it off."""
