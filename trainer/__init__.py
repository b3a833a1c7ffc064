"""Training of super-resolution models. Knows no Qt; ``python -m trainer`` is its command line."""
