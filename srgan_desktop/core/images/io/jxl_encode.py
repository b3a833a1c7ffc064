"""Writing JPEG XL with libjxl: 8 and 16 bits, colour profile, EXIF and XMP."""

from __future__ import annotations

import ctypes
from ctypes import byref, c_char_p, c_float, c_size_t, c_uint8, c_void_p
from typing import Any

import numpy as np

from srgan_desktop.core.images.io.libjxl import (
    BLOCK_BYTES,
    TYPES,
    BasicInfo,
    ColourEncoding,
    ExtraChannelInfo,
    JxlPicture,
    PixelFormat,
    check,
    opened,
)

_MORE_OUTPUT = 2  # of JxlEncoderStatus
_EFFORT_SETTING, _EFFORT = 0, 7
_LOSSLESS = 100


def encode(picture: JxlPicture, quality: int) -> bytes:
    """A file; ``quality`` is libjpeg's scale, and 100 keeps every pixel.

    Raises:
        JxlError: a profile that does not fit the channels, or too large.
    """
    pixels = np.ascontiguousarray(picture.pixels)
    with opened("Encoder") as (library, encoder):
        main = library.main
        _describe(main, encoder, picture, lossless=quality >= _LOSSLESS)
        settings = c_void_p(main.JxlEncoderFrameSettingsCreate(encoder, None))
        check(
            main.JxlEncoderFrameSettingsSetOption(
                settings, _EFFORT_SETTING, ctypes.c_int64(_EFFORT)
            )
        )
        if quality >= _LOSSLESS:
            check(main.JxlEncoderSetFrameLossless(settings, 1))
        else:
            distance = main.JxlEncoderDistanceFromQuality(c_float(quality))
            check(main.JxlEncoderSetFrameDistance(settings, c_float(distance)))
        _add_boxes(main, encoder, picture)
        format_ = PixelFormat(pixels.shape[2], TYPES[pixels.dtype.name], 0, 0)
        buffer = pixels.ctypes.data_as(c_void_p)
        add = main.JxlEncoderAddImageFrame
        check(add(settings, byref(format_), buffer, c_size_t(pixels.nbytes)))
        main.JxlEncoderCloseInput(encoder)
        return _output(main, encoder)


def _describe(main: Any, encoder: c_void_p, picture: JxlPicture, *, lossless: bool) -> None:
    height, width, channels = picture.pixels.shape
    bits = 16 if picture.pixels.dtype == np.uint16 else 8
    colours = channels - picture.has_alpha
    info = BasicInfo()
    main.JxlEncoderInitBasicInfo(byref(info))
    info.xsize, info.ysize = width, height
    info.bits_per_sample = bits
    info.num_color_channels = colours
    info.uses_original_profile = lossless
    if picture.has_alpha:
        info.num_extra_channels, info.alpha_bits = 1, bits
    check(main.JxlEncoderSetBasicInfo(encoder, byref(info)))
    if picture.has_alpha:
        extra = ExtraChannelInfo()
        main.JxlEncoderInitExtraChannelInfo(0, byref(extra))
        extra.bits_per_sample = bits
        check(main.JxlEncoderSetExtraChannelInfo(encoder, c_size_t(0), byref(extra)))
    if picture.icc:
        status = main.JxlEncoderSetICCProfile(encoder, picture.icc, c_size_t(len(picture.icc)))
        check(status, "the colour profile does not fit the picture")
    else:
        encoding = ColourEncoding()
        main.JxlColorEncodingSetToSRGB(byref(encoding), int(colours == 1))
        check(main.JxlEncoderSetColorEncoding(encoder, byref(encoding)))


def _add_boxes(main: Any, encoder: c_void_p, picture: JxlPicture) -> None:
    boxes = [(b"Exif", picture.exif), (b"xml ", picture.xmp)]
    if not any(content for _, content in boxes):
        return
    check(main.JxlEncoderUseBoxes(encoder))
    for kind, content in boxes:
        if content:
            check(
                main.JxlEncoderAddBox(encoder, c_char_p(kind), content, c_size_t(len(content)), 0)
            )
    main.JxlEncoderCloseBoxes(encoder)


def _output(main: Any, encoder: c_void_p) -> bytes:
    gathered = bytearray()
    block = (c_uint8 * BLOCK_BYTES)()
    while True:
        at, left = c_void_p(ctypes.addressof(block)), c_size_t(BLOCK_BYTES)
        status = main.JxlEncoderProcessOutput(encoder, byref(at), byref(left))
        gathered += memoryview(block)[: BLOCK_BYTES - left.value]
        if status != _MORE_OUTPUT:
            check(status)
            return bytes(gathered)
