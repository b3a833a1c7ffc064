"""The engine: what turns a picture file into a larger picture file. Knows no Qt."""
