"""The size that was chosen last, as the settings keep it."""

from __future__ import annotations

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.gui.common.settings import Settings

FIRST_SIZE = TargetSize("scale", 4.0)


def kept_size(settings: Settings) -> TargetSize:
    """The first one where what is kept makes no sense."""
    rule, unit = settings.text("upscale/size_rule"), settings.text("upscale/size_unit")
    value, dpi = settings.number("upscale/size_value"), settings.number("upscale/size_dpi")
    try:
        return TargetSize(rule, value, unit, dpi or None)  # type: ignore[arg-type]
    except UsageError:
        return FIRST_SIZE


def keep_size(settings: Settings, size: TargetSize) -> None:
    """For the next time, too."""
    settings.set("upscale/size_rule", size.rule)
    settings.set("upscale/size_value", float(size.value))
    settings.set("upscale/size_unit", size.unit)
    settings.set("upscale/size_dpi", float(size.dpi or 0))
