"""Picture files: file <-> pixels, transparency, colour profile and metadata."""

from __future__ import annotations

from srgan_desktop.core.images.io.colour import to_srgb8
from srgan_desktop.core.images.io.formats import (
    FORMATS,
    Format,
    available,
    check_target,
    extension,
    format_of_extension,
    holds_frames,
    is_image_name,
    missing_encoder,
    target_format,
    writable_formats,
)
from srgan_desktop.core.images.io.frames_read import has_frames, open_frames
from srgan_desktop.core.images.io.frames_write import write_animation
from srgan_desktop.core.images.io.probe import probe
from srgan_desktop.core.images.io.read import DEFAULT_MAX_PIXELS, check_size, read_image
from srgan_desktop.core.images.io.write import (
    WriteOptions,
    Written,
    can_write_in_rows,
    default_quality,
    free_target,
    write_image,
)

__all__ = [
    "DEFAULT_MAX_PIXELS",
    "FORMATS",
    "Format",
    "WriteOptions",
    "Written",
    "available",
    "can_write_in_rows",
    "check_size",
    "check_target",
    "default_quality",
    "extension",
    "format_of_extension",
    "free_target",
    "has_frames",
    "holds_frames",
    "is_image_name",
    "missing_encoder",
    "open_frames",
    "probe",
    "read_image",
    "target_format",
    "to_srgb8",
    "writable_formats",
    "write_animation",
    "write_image",
]
