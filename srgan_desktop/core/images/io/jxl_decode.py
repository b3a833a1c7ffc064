"""Reading JPEG XL with libjxl: 8 and 16 bits, floating point, colour profile, EXIF and XMP."""

from __future__ import annotations

import ctypes
from ctypes import byref, c_int, c_size_t, c_void_p
from typing import Any

import numpy as np

from srgan_desktop.core.images.image import Pixels
from srgan_desktop.core.images.io.libjxl import (
    BLOCK_BYTES,
    SUCCESS,
    TYPES,
    BasicInfo,
    JxlError,
    JxlPicture,
    Library,
    PixelFormat,
    check,
    opened,
)

# of JxlDecoderStatus
_NEED_IMAGE_BUFFER, _NEED_JPEG_BUFFER, _NEED_BOX_BUFFER = 5, 6, 7
_FRAME = 0x400
_BASIC_INFO, _COLOURS, _FULL_IMAGE, _JPEG, _BOX = 0x40, 0x100, 0x1000, 0x2000, 0x4000
_ORIGINAL, _OF_THE_DATA = 0, 1  # JxlColorProfileTarget
_ALL_FRAMES = 2**31
_LARGEST_BOX = 64 * 2**20  # unpacked; a small file must not fill the memory


def decode(data: bytes) -> JxlPicture | bytes:
    """The first frame, upright, in the numbers of the file: 8 or 16 bits, or floating point.

    Where a JPEG file was packed without loss, that file to the last byte.

    Raises:
        JxlError: damaged, or cut short.
    """
    with opened("Decoder") as (library, decoder):
        return _Reading(library, decoder, data).run()


def count_frames(data: bytes) -> int:
    """How many pictures an animation has; nothing is drawn. JxlError as ``decode``."""
    with opened("Decoder") as (library, decoder):
        main = library.main
        check(main.JxlDecoderSubscribeEvents(decoder, c_int(_FRAME)))
        check(main.JxlDecoderSetInput(decoder, data, c_size_t(len(data))))
        main.JxlDecoderCloseInput(decoder)
        frames = 0
        while (status := main.JxlDecoderProcessInput(decoder)) == _FRAME:
            frames += 1
        if status != SUCCESS:
            raise JxlError("the file is damaged or cut short")
        return frames


class _Reading:
    """One file on its way through a decoder."""

    def __init__(self, library: Library, decoder: c_void_p, data: bytes) -> None:
        self._cms = library.cms
        self._main = library.main
        self._decoder = decoder
        self._data = data
        self._info = BasicInfo()
        self._pixels: Pixels | None = None
        self._icc: bytes | None = None
        self._boxes: dict[bytes, bytearray] = {}
        self._box: tuple[bytes, Any] | None = None  # kind and buffer
        self._jpeg: bytearray | None = None
        self._jpeg_buffer: Any = None

    def run(self) -> JxlPicture | bytes:
        main, decoder = self._main, self._decoder
        wanted = _BASIC_INFO | _COLOURS | _FULL_IMAGE | _JPEG | _BOX
        check(main.JxlDecoderSubscribeEvents(decoder, c_int(wanted)))
        check(main.JxlDecoderSetDecompressBoxes(decoder, 1))
        check(main.JxlDecoderSetUnpremultiplyAlpha(decoder, 1))
        check(main.JxlDecoderSetInput(decoder, self._data, c_size_t(len(self._data))))
        main.JxlDecoderCloseInput(decoder)
        steps = {
            _BASIC_INFO: self._read_info,
            _COLOURS: self._read_colours,
            _NEED_IMAGE_BUFFER: self._provide_buffer,
            _JPEG: self._begin_jpeg,
            _NEED_JPEG_BUFFER: self._grow_jpeg,
            _FULL_IMAGE: self._end_frame,
            _BOX: self._begin_box,
            _NEED_BOX_BUFFER: self._grow_box,
        }
        while (status := main.JxlDecoderProcessInput(decoder)) != SUCCESS:
            if status not in steps:
                raise JxlError("the file is damaged or cut short")
            steps[status]()
        self._end_box()
        if self._jpeg is not None:
            return bytes(self._jpeg)
        if self._pixels is None:
            raise JxlError("there is no picture in it")
        return JxlPicture(
            self._pixels,
            bool(self._info.alpha_bits),
            self._icc,
            self._content(b"Exif"),
            self._content(b"xml "),
        )

    def _read_info(self) -> None:
        check(self._main.JxlDecoderGetBasicInfo(self._decoder, byref(self._info)))

    def _read_colours(self) -> None:
        if not self._info.uses_original_profile:
            self._ask_for_the_original_profile()
        self._icc = self._profile(_OF_THE_DATA)

    def _ask_for_the_original_profile(self) -> None:
        """Else what was compressed in libjxl's own colours comes in a profile of its choice."""
        icc = self._profile(_ORIGINAL)
        if icc is None:
            return
        check(self._main.JxlDecoderSetCms(self._decoder, self._cms.JxlGetDefaultCms().contents))
        self._main.JxlDecoderSetOutputColorProfile(self._decoder, None, icc, c_size_t(len(icc)))

    def _profile(self, target: int) -> bytes | None:
        size = c_size_t()
        ask = self._main.JxlDecoderGetICCProfileSize
        if ask(self._decoder, target, byref(size)) != SUCCESS or not size.value:
            return None
        icc = ctypes.create_string_buffer(size.value)
        read = self._main.JxlDecoderGetColorAsICCProfile
        if read(self._decoder, target, icc, size) != SUCCESS:
            return None
        return icc.raw

    def _provide_buffer(self) -> None:
        info = self._info
        sideways = info.orientation > 4
        width, height = (info.ysize, info.xsize) if sideways else (info.xsize, info.ysize)
        channels = info.num_color_channels + bool(info.alpha_bits)
        pixels = np.empty((height, width, channels), _number(info))
        self._pixels = pixels
        format_ = PixelFormat(channels, TYPES[pixels.dtype.name], 0, 0)
        buffer = pixels.ctypes.data_as(c_void_p)
        check(
            self._main.JxlDecoderSetImageOutBuffer(
                self._decoder, byref(format_), buffer, c_size_t(pixels.nbytes)
            )
        )

    def _begin_jpeg(self) -> None:
        self._jpeg = bytearray()
        self._provide_jpeg_buffer()

    def _provide_jpeg_buffer(self) -> None:
        self._jpeg_buffer = ctypes.create_string_buffer(BLOCK_BYTES)
        size = c_size_t(BLOCK_BYTES)
        check(self._main.JxlDecoderSetJPEGBuffer(self._decoder, self._jpeg_buffer, size))

    def _grow_jpeg(self) -> None:
        self._keep_jpeg()
        self._provide_jpeg_buffer()

    def _keep_jpeg(self) -> None:
        assert self._jpeg is not None
        left = self._main.JxlDecoderReleaseJPEGBuffer(self._decoder)
        self._jpeg += self._jpeg_buffer.raw[: BLOCK_BYTES - left]

    def _end_frame(self) -> None:
        """Of several frames the first is the picture."""
        if self._jpeg is not None:
            self._keep_jpeg()
        self._main.JxlDecoderSkipFrames(self._decoder, c_size_t(_ALL_FRAMES))

    def _begin_box(self) -> None:
        self._end_box()
        kind = ctypes.create_string_buffer(4)
        check(self._main.JxlDecoderGetBoxType(self._decoder, kind, 1))
        if kind.raw in (b"Exif", b"xml "):
            self._box = (kind.raw, self._box_buffer())

    def _box_buffer(self) -> Any:
        buffer = ctypes.create_string_buffer(BLOCK_BYTES)
        check(self._main.JxlDecoderSetBoxBuffer(self._decoder, buffer, c_size_t(BLOCK_BYTES)))
        return buffer

    def _grow_box(self) -> None:
        kind = self._keep_box()
        if kind is not None:
            self._box = (kind, self._box_buffer())

    def _end_box(self) -> None:
        self._keep_box()
        self._box = None

    def _keep_box(self) -> bytes | None:
        if self._box is None:
            return None
        kind, buffer = self._box
        left = self._main.JxlDecoderReleaseBoxBuffer(self._decoder)
        content = self._boxes.setdefault(kind, bytearray())
        content += memoryview(buffer)[: BLOCK_BYTES - left]
        if len(content) > _LARGEST_BOX:
            raise JxlError("its EXIF or XMP data unpack to more than 64 MiB")
        return kind

    def _content(self, kind: bytes) -> bytes | None:
        return bytes(self._boxes[kind]) if kind in self._boxes else None


def _number(info: BasicInfo) -> str:
    if info.exponent_bits_per_sample:
        return "float16" if info.bits_per_sample <= 16 else "float32"
    return "uint16" if info.bits_per_sample > 8 else "uint8"
