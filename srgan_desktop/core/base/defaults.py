"""What is used where nobody chose; needed before anything heavy is imported."""

# what is measured, and what a job of a program has: the plain one, which invents nothing
PLAIN_MODEL = "srresnet-x4"
# what enlarging begins with, in the window and on the command line: the one that does best on what
# people have, clean or not, a little less detailed than it can be (docs/models/README.md says how
# that was found)
DEFAULT_MODEL = "photo-gan-x4"
DEFAULT_DETAIL = 85.0
DEFAULT_NAME = "{stem}_{scale}x"
