"""Enlarging the frames of an animation or the pages of a document, one after the other."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from srgan_desktop.core.base.events import relay
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.images.animation import Animation, Frame
from srgan_desktop.core.images.canvas import IN_MEMORY_BYTES, new_canvas, release_pages
from srgan_desktop.core.images.image import Pixels, RasterImage
from srgan_desktop.core.images.io import DEFAULT_MAX_PIXELS, open_frames
from srgan_desktop.core.upscaling.upscale import (
    Adapted,
    TileDone,
    UpscaleEvent,
    UpscaleOptions,
    UpscaleWarning,
    upscale_image,
)


@dataclass(frozen=True)
class FrameTileDone:
    """``done`` of about ``total`` tiles of all frames are finished."""

    done: int
    total: int


def _as_it_is(picture: RasterImage) -> RasterImage:
    return picture


def upscale_animation(
    path: Path,
    engine: Engine,
    options: UpscaleOptions,
    *,
    max_pixels: int | None = DEFAULT_MAX_PIXELS,
    prepare: Callable[[RasterImage], RasterImage] = _as_it_is,
) -> Generator[FrameTileDone | UpscaleWarning | Adapted, None, Animation]:
    """Enlarge every picture of a file; the result is the generator's return value.

    Sources are decoded one at a time. Results lie in mapped files where they are large; a frame
    that is the one before it again is not computed again. What reading had to leave out comes as
    warnings. Each picture goes through ``prepare`` first.

    Raises:
        ImageReadError, ImageTooLargeError: a picture of the file cannot be read.
        As ``upscale_image``.
    """
    with open_frames(path, max_pixels=max_pixels) as source:
        frames_store = _FrameStore(source.count)
        results: list[Frame] = []
        before: RasterImage | None = None
        for index, frame in enumerate(source.frames):
            for message in frame.picture.warnings:
                yield UpscaleWarning(message)
            if before is not None and _same(before, frame.picture):
                picture = results[-1].picture
                yield FrameTileDone(index + 1, source.count)
            else:
                enlarged = yield from _one(
                    prepare(frame.picture), index, source.count, engine, options
                )
                picture = frames_store.keep(enlarged)
            results.append(Frame(picture, frame.duration_ms))
            before = frame.picture
        return Animation(results, source.plays)


def _one(
    picture: RasterImage, index: int, count: int, engine: Engine, options: UpscaleOptions
) -> Generator[FrameTileDone | UpscaleWarning | Adapted, None, RasterImage]:
    def of_all_frames(event: UpscaleEvent) -> FrameTileDone | UpscaleWarning | Adapted | None:
        if isinstance(event, TileDone):
            # as if all frames had as many tiles as this one
            return FrameTileDone(index * event.total + event.done, count * event.total)
        if isinstance(event, UpscaleWarning) or (isinstance(event, Adapted) and index == 0):
            return event
        return None

    events: Generator[FrameTileDone | UpscaleWarning | Adapted, None, RasterImage]
    events = relay(upscale_image(picture, engine, options), of_all_frames)
    return (yield from events)


def _same(a: RasterImage, b: RasterImage) -> bool:
    if (a.alpha is None) != (b.alpha is None) or a.pixels.dtype != b.pixels.dtype:
        return False
    same_alpha = a.alpha is None or np.array_equal(a.alpha, b.alpha)  # type: ignore[arg-type]
    return same_alpha and np.array_equal(a.pixels, b.pixels)


class _FrameStore:
    """Keeps results until the last is there: in memory, or beyond that in a few mapped files."""

    def __init__(self, count: int) -> None:
        self._left = count
        self._stacks: dict[tuple[tuple[int, ...], str], Iterator[Pixels]] = {}
        self._in_memory = 0

    def keep(self, picture: RasterImage) -> RasterImage:
        """The same picture, moved to where it costs little memory."""
        pixels = self._stored(picture.pixels)
        alpha = None if picture.alpha is None else self._stored(picture.alpha)
        self._left -= 1
        return dataclasses.replace(picture, pixels=pixels, alpha=alpha)

    def _stored(self, values: Pixels) -> Pixels:
        if self._in_memory + values.nbytes <= IN_MEMORY_BYTES // 2:
            self._in_memory += values.nbytes
            return values
        key = values.shape, values.dtype.str
        place = next(self._stacks.get(key, iter(())), None)
        if place is None:
            self._stacks[key] = self._places(values)
            place = next(self._stacks[key])
        place[...] = values
        release_pages(place)
        return place

    def _places(self, values: Pixels) -> Iterator[Pixels]:
        """Of that shape; one file for many frames, for files that are open are few."""
        per_file = max(1, min(self._left, IN_MEMORY_BYTES * 2 // values.nbytes))
        yield from new_canvas((per_file, *values.shape), values.dtype)
