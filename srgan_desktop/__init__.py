"""SRGAN Desktop: enlarge photos with SRResNet and SRGAN."""

__version__ = "0.1.0"
