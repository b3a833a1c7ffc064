"""See ``torchvision``."""
