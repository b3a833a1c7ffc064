"""Which of the networks that a request takes were opened already, and may be asked for facts."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from srgan_desktop.gui.common.requests import EngineReady, EngineRequest, UpscaleRequest
from srgan_desktop.gui.common.settings import Settings


class KnownNetworks(QObject):
    """The one that was opened last, and the one before it."""

    outdated = Signal()
    """They would be opened in another way now."""

    def __init__(self, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        # by whether it works before another
        self._ready: dict[bool, EngineReady] = {}
        settings.changed.connect(self._setting_changed)

    def missing(self, request: UpscaleRequest) -> list[EngineRequest]:
        """Those that are to be opened."""
        ready = {known.request for known in self._ready.values()}
        return [network for network in request.networks if network not in ready]

    def note(self, ready: EngineReady) -> bool:
        """One was opened; whether that is news."""
        known = self._ready.get(ready.request.before)
        self._ready[ready.request.before] = ready
        return known is None or known.request != ready.request

    def forget_replaced(self, before: UpscaleRequest | None, now: UpscaleRequest | None) -> None:
        """What is known of networks in whose files others are by now is of no use."""
        if before is None or now is None:
            return
        weights = now.networks
        for network, known in before.networks.items():
            if weights.get(network, known) != known:
                self._ready.pop(network.before, None)

    @Slot(str)
    def _setting_changed(self, key: str) -> None:
        """With other threads results are the same, but neither the networks nor their speed."""
        if key == "compute/threads":
            self._ready.clear()
            self.outdated.emit()
