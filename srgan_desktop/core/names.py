"""Names that are needed before anything heavy is imported."""

DEFAULT_MODEL = "srresnet-x4"
DEFAULT_NAME = "{stem}_{scale}x"
