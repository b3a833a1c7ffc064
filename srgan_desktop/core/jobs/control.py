"""How others tell a run to pause, go on or stop."""

from __future__ import annotations

import threading


class Control:
    """Flags that any thread may set; a run looks at them between tiles and between files."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._paused = False
        self._stopped = False
        self._resumes = 0

    def pause(self) -> None:
        """Compute nothing more after the tile in work, until ``resume``."""
        with self._changed:
            self._paused = True
            self._changed.notify_all()

    def resume(self) -> None:
        """Go on; where the run waits for room on a disk, look at once whether there is some."""
        with self._changed:
            self._paused = False
            self._resumes += 1
            self._changed.notify_all()

    def stop(self) -> None:
        """End the run after the tile in work, for good; what is unfinished waits again."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    @property
    def paused(self) -> bool:
        return self._paused

    @property
    def stopped(self) -> bool:
        return self._stopped

    @property
    def resumes(self) -> int:
        """How often ``resume`` was called so far."""
        return self._resumes

    def wait(self, seconds: float) -> None:
        """Until something is called, at most so long."""
        with self._changed:
            self._changed.wait(seconds)
