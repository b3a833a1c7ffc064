"""Blind rating of models: setting up, rating, results."""
