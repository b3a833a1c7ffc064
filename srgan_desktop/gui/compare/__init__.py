"""Several models on one picture: side by side in step, or one in the place of another."""
