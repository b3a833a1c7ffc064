"""Puts the two pictures into one frame: what is painted where, and what is read next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, QPoint, QRect, Signal, Slot
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QRegion

from srgan_desktop.gui.viewer.before_resampler import BicubicEnlargement
from srgan_desktop.gui.viewer.grid import Placement
from srgan_desktop.gui.viewer.layer import Draw, ImageLayer, LayerPlan
from srgan_desktop.gui.viewer.picture import TiledImage
from srgan_desktop.gui.viewer.tile_cache import LoadedTile, TileCache
from srgan_desktop.gui.viewer.tile_loader import TileLoader, TileRequest

CHECKER_SIDE = 8


class BeforeMethod(StrEnum):
    """How the before-picture is enlarged."""

    BICUBIC = "bicubic"
    NEAREST = "nearest"


@dataclass(frozen=True)
class Colours:
    """Around the pictures, and the two squares behind transparent parts."""

    canvas: QColor
    checker: tuple[QColor, QColor]


@dataclass(frozen=True)
class Pane:
    """A part of the frame that shows the pictures; both rectangles in device pixels."""

    place: Placement
    before: QRect
    after: QRect


@dataclass(frozen=True)
class Fade:
    """A part of the after-picture (in its pixels) that is just appearing."""

    region: QRegion
    opacity: float


class Composer(QObject):
    """Holds the pictures' layers, the tiles and the thread that reads them."""

    changed = Signal()
    """A tile has arrived: the next frame will be better."""
    failed = Signal(Exception)
    """A tile could not be read."""

    def __init__(self, cache_bytes: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.cache = TileCache(cache_bytes)
        self.method = BeforeMethod.BICUBIC
        self.loading = False
        self._loader = TileLoader(self)
        self._loader.tile_loaded.connect(self._keep)
        self._loader.failed.connect(self.failed)
        self._before: ImageLayer | None = None
        self._bicubic: ImageLayer | None = None
        self._after: ImageLayer | None = None
        self._live: set[int] = set()

    def set_images(
        self, before: TiledImage | None, after: TiledImage | None, size: tuple[int, int]
    ) -> None:
        """Show other pictures; tiles of a before-picture that stays as it was are kept."""
        self._before = self._layer(self._before, before, size)
        if before is None or self._before is None:
            self._bicubic = None
        elif self._bicubic is None or self._before.ident not in self._live:
            self._bicubic = ImageLayer(BicubicEnlargement(before.pyramid, size), size)
        self._after = ImageLayer(after.pyramid, size, after) if after else None
        layers = (self._before, self._bicubic, self._after)
        self._live = {layer.ident for layer in layers if layer}
        self.cache.keep_only(self._live)

    def stop(self) -> None:
        """End the thread, for good."""
        self._loader.stop()

    def paint(self, frame: QImage, panes: list[Pane], colours: Colours, fades: list[Fade]) -> None:
        """Paint a frame (its device pixel ratio must be 1) and ask for what it lacks."""
        painter = QPainter(frame)
        painter.fillRect(frame.rect(), colours.canvas)
        plans = [
            plan
            for pane in panes
            for plan in self._paint_pane(painter, frame.rect(), pane, colours, fades)
        ]
        painter.end()
        wanted = _unique(_in_turns([plan.wanted for plan in plans]))
        nearby = _in_turns([plan.nearby for plan in plans])
        self.loading = bool(wanted)
        self._loader.request(_unique(wanted + nearby))

    @Slot(LoadedTile)
    def _keep(self, tile: LoadedTile) -> None:
        if tile.key.source in self._live:
            self.cache.put(tile)
            self.changed.emit()

    def _paint_pane(
        self, painter: QPainter, frame: QRect, pane: Pane, colours: Colours, fades: list[Fade]
    ) -> list[LayerPlan]:
        before, after = self._before_layer(pane.place.zoom), self._after
        budget = self.cache.capacity // 3
        above = LayerPlan()
        if after:
            above = after.plan(pane.place, pane.after & frame, self.cache, max_bytes=budget)
        appearing = QRegion()
        for fade in fades:
            appearing += pane.place.device_region(fade.region)
        rest = QRegion(pane.before & frame) + QRegion(pane.after & frame)
        rest -= above.covered - appearing
        below = LayerPlan()
        if before:
            crisp = self.method is BeforeMethod.NEAREST
            below = before.plan(
                pane.place, rest.boundingRect(), self.cache, max_bytes=budget, crisp=crisp
            )
        self._paint_checker(painter, pane, below.covered + above.covered, colours)
        _paint(painter, below.draws, rest)
        _paint(painter, above.draws, above.covered - appearing)
        for fade in fades:
            painter.setOpacity(fade.opacity)
            _paint(painter, above.draws, pane.place.device_region(fade.region))
        painter.setOpacity(1.0)
        return [above, below]

    def _before_layer(self, zoom: float) -> ImageLayer | None:
        """The enlargement where the before-picture is enlarged, else the picture itself."""
        layer = self._before
        if layer and self.method is BeforeMethod.BICUBIC and layer.scale(zoom) >= 1:
            return self._bicubic
        return layer

    def _paint_checker(
        self, painter: QPainter, pane: Pane, region: QRegion, colours: Colours
    ) -> None:
        layers = (self._before, self._after)
        if not any(layer and layer.source.has_alpha for layer in layers):
            return
        painter.setClipRegion(region)
        painter.setBrushOrigin(QPoint(*pane.place.origin))
        painter.fillRect(region.boundingRect(), QBrush(_checker(*colours.checker)))

    def _layer(
        self, old: ImageLayer | None, picture: TiledImage | None, size: tuple[int, int]
    ) -> ImageLayer | None:
        if picture is None:
            return None
        if old is not None and old.source is picture.pyramid and old.extent == size:
            return old
        return ImageLayer(picture.pyramid, size)


def _paint(painter: QPainter, draws: list[Draw], within: QRegion) -> None:
    """Leaves its last clip behind: after ``setClipping(False)`` Qt misplaces the next region."""
    for draw in draws:
        region = draw.region & within
        if region.isEmpty():
            continue
        painter.setClipRegion(region)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, draw.smooth)
        painter.drawImage(draw.target, draw.image, draw.source)


def _checker(light: QColor, dark: QColor) -> QImage:
    image = QImage(2 * CHECKER_SIDE, 2 * CHECKER_SIDE, QImage.Format.Format_RGB32)
    image.fill(light)
    painter = QPainter(image)
    painter.fillRect(0, 0, CHECKER_SIDE, CHECKER_SIDE, dark)
    painter.fillRect(CHECKER_SIDE, CHECKER_SIDE, CHECKER_SIDE, CHECKER_SIDE, dark)
    painter.end()
    return image


def _in_turns(lists: list[list[TileRequest]]) -> list[TileRequest]:
    """One of each list, then the next of each: no picture waits for all of another."""
    longest = max(map(len, lists), default=0)
    return [items[i] for i in range(longest) for items in lists if i < len(items)]


def _unique(requests: list[TileRequest]) -> list[TileRequest]:
    return list({request.key: request for request in requests}.values())
