"""``python -m trainer``."""

from srgan_desktop.core.base.leaving import leave
from srgan_desktop.core.base.translation import set_language, system_language
from trainer.cli import main

if __name__ == "__main__":
    set_language(system_language())
    leave(main())
