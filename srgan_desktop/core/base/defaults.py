"""What is used where nobody chose; needed before anything heavy is imported."""

# the command line's, also in scripts nobody looks at: it invents nothing
DEFAULT_MODEL = "srresnet-x4"
# what the window begins with, where the result is looked at: the one that does best on what people
# have, clean or not, a little less detailed than it can be (docs/models/README.md says how that
# was found)
WINDOW_MODEL = "photo-gan-x4"
WINDOW_DETAIL = 85.0
DEFAULT_NAME = "{stem}_{scale}x"
