"""The Train page: from a folder of photos to a model, watched while it learns."""
