"""Models of other programs: read without running their code, run like our own."""
