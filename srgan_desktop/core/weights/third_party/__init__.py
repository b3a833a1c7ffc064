"""Other programs' models: read without running their code, and run like our own."""
