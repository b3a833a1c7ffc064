"""From a start to a window: everything around it, in the order in which it must happen."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QCoreApplication, QTimer
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QApplication

from srgan_desktop import __version__
from srgan_desktop.gui.batch.page import BatchPage
from srgan_desktop.gui.batch.session import HandoverOptions
from srgan_desktop.gui.common.collector import Collector
from srgan_desktop.gui.common.dialogs import open_once
from srgan_desktop.gui.common.errors_dialog import FaultReporter
from srgan_desktop.gui.common.icons import app_icon
from srgan_desktop.gui.common.logs import logger, start_log
from srgan_desktop.gui.common.model_facts import ModelFacts
from srgan_desktop.gui.common.model_sample import sample_path
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.settings import Settings
from srgan_desktop.gui.compare.dialog import CompareDialog
from srgan_desktop.gui.models.page import ModelsPage
from srgan_desktop.gui.rating.dialog import RatingDialog
from srgan_desktop.gui.shell.main_window import MainWindow
from srgan_desktop.gui.shell.open_requests import OpenRequests
from srgan_desktop.gui.shell.signals import SignalWatch
from srgan_desktop.gui.shell.single_instance import InstanceServer, Turn, hand_over, server_name
from srgan_desktop.gui.training.page import TrainingPage
from srgan_desktop.gui.upscale.page import UpscalePage

APPLICATION_ID = "io.github.srgan_desktop.SrganDesktop"
# tried in turn for characters that the system's own font lacks, Chinese above all
FALLBACK_FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Microsoft YaHei UI",
    "PingFang SC",
    "WenQuanYi Micro Hei",
    "DejaVu Sans",
)


def run_window(files: Sequence[Path], page: str = "") -> int:
    """Open the window with these files in it and stay until it is closed; the exit code.

    page: the one to show, by the name of its icon; "" the first, or whichever an open window shows.
    """
    began = time.monotonic()
    app = make_application()
    name, turn = server_name(), Turn()
    if hand_over(files, name, page):
        turn.end()
        return 0
    handler = start_log()
    faults = FaultReporter()
    faults.install()
    collector = Collector(app)
    collector.start()
    server = InstanceServer(name, listens=not turn.is_anothers)
    window = make_window(app, faults)
    server.files_received.connect(window.take_over)
    # the next start is then the first again, however long this one's end takes
    window.ending.connect(server.close)
    requests = OpenRequests(app)
    requests.files_received.connect(window.take_over)
    watch = SignalWatch(window.close_at_once)
    window.show_page_named(page_wanted(files, page))
    window.show()
    # from here on what later starts hand over is heard
    QTimer.singleShot(0, turn.end)
    QTimer.singleShot(0, lambda: _opened(window, files, began))
    code = app.exec()
    collector.stop()
    if watch.heard is not None:
        code = 128 + watch.heard
    watch.stop()
    server.close()
    faults.uninstall()
    if handler is not None:
        logger.removeHandler(handler)
        handler.close()
    logging.shutdown()
    return code


def page_wanted(files: Sequence[Path], page: str) -> str:
    """The page that the start asks for; "" leaves it to the settings.

    Whoever opens a photo wants to see it, wherever the window begins else.
    """
    return page or ("upscale" if files else "")


def make_application() -> QApplication:
    """The application object with its identity."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(["srgan-desktop"])
    QCoreApplication.setApplicationName("srgan-desktop")
    QCoreApplication.setApplicationVersion(__version__)
    QGuiApplication.setApplicationDisplayName("SRGAN Desktop")
    QGuiApplication.setDesktopFileName(APPLICATION_ID)
    app.setWindowIcon(app_icon())
    app.setFont(font_with_fallbacks(app.font()))
    return app


def font_with_fallbacks(font: QFont) -> QFont:
    """``font`` first, then what is installed of the fallbacks; on a bare system a carried one."""
    there = set(QFontDatabase.families())
    families = [font.family(), *(name for name in FALLBACK_FONTS if name in there)]
    if not there:
        families = carried_font_families()
    made = QFont(font)
    made.setFamilies(list(dict.fromkeys(families)))
    return made


def carried_font_families() -> list[str]:
    """Load the small Latin font that Pillow carries: better than boxes where there is none."""
    from PIL import ImageFont

    font = ImageFont.load_default(16)
    if not isinstance(font, ImageFont.FreeTypeFont):
        return []  # Pillow was built without FreeType
    number = QFontDatabase.addApplicationFontFromData(QByteArray(font.font_bytes))
    return QFontDatabase.applicationFontFamilies(number)


def make_window(
    app: QApplication, faults: FaultReporter, settings: Settings | None = None
) -> MainWindow:
    """The window with its pages, not yet shown; ``settings``: the person's own where not given."""
    services = Services(app, settings or Settings(), faults)
    window = MainWindow(services)
    faults.window = window
    upscale, batch = UpscalePage(services), BatchPage(services)
    training = TrainingPage(services)
    models = ModelsPage(services)
    for page in (upscale, batch, models, training):
        window.add_page(page)

    def use_model(name: str) -> None:
        upscale.requests.await_model(name)
        upscale.session.list_models()
        window.show_page(0)

    def enlarge_all_frames(path: Path) -> None:
        batch.take(path, handover_by(upscale))
        window.show_page(window.pages.index(batch))

    training.model_ready.connect(use_model)
    upscale.all_frames_wanted.connect(enlarge_all_frames)

    def compare_models(name: str) -> None:
        open_once(compare_dialog(services, models.catalogue.models, name, upscale, window))

    def rate_models() -> None:
        # what does not enlarge has nothing to be told apart by
        choices = [m.choice for m in models.catalogue.models if m.choice.scale != 1]
        open_once(RatingDialog(services, choices, window))

    models.use_wanted.connect(use_model)
    models.rate_wanted.connect(rate_models)
    models.compare_wanted.connect(compare_models)
    services.models_changed.connect(upscale.session.list_models)
    first = services.settings.text("window/first_page")
    last = services.settings.text("window/last_page")
    window.show_page_named(last if first == "last" else first)
    return window


def handover_by(upscale: UpscalePage) -> HandoverOptions | None:
    """The page's present settings; None where it has no model that can be used."""
    request, model = upscale.requests.request, upscale.requests.model
    if request is None or model is None:
        return None
    return HandoverOptions(
        model.name,
        request.engine.detail,
        request.size,
        request.tile,
        request.tta,
        request.chosen_strengths,
        None if upscale.requests.before is None else upscale.requests.before.name,
    )


def compare_dialog(
    services: Services,
    models: Sequence[ModelFacts],
    name: str,
    upscale: UpscalePage,
    parent: MainWindow,
) -> CompareDialog:
    """The models on the picture that is open, or on the sample photo where there is none."""
    opened = upscale.session.picture
    path = sample_path() if opened is None else opened.path
    return CompareDialog(services, [model.choice for model in models], name, path, parent)


def _opened(window: MainWindow, files: Sequence[Path], began: float) -> None:
    logger.info("window after %.2f s", time.monotonic() - began)
    window.open_paths(files)
