"""What is used where nobody chose; needed before anything heavy is imported."""

# the command line's, also in scripts nobody looks at: it invents nothing
DEFAULT_MODEL = "srresnet-x4"
# what the window begins with, where the result is looked at: the one that most people prefer, a
# little less detailed than it can be (docs/models/README.md says how that was found)
WINDOW_MODEL = "srgan-x4"
WINDOW_DETAIL = 70.0
# what it takes instead for a photo with damage of a kind that ``core.images.damage`` knows: the
# one that led on such pictures (docs/models/README.md)
WINDOW_MODEL_FOR_DAMAGE = "photo-gan-x4"
DEFAULT_NAME = "{stem}_{scale}x"
