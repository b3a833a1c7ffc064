"""Stands in for torchvision in the packaged program, which carries no torchvision.

Spandrel imports two functions of it when it is itself imported: LaMa fills holes and RestoreFormer
restores faces, and neither enlarges photos, so the program refuses both before they run
(``srgan_desktop.core.weights.third_party.spandrel_models``). VGG19 is built by the trainer itself.
"""

from __future__ import annotations

__version__ = "0+stand.in"
