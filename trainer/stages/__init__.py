"""The stages of training, one visible loop each."""
