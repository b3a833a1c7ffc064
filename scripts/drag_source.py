"""A small window from which files can be dragged: python scripts/drag_source.py FILE...

Another program, for tests and pictures of dropping files onto the window.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent, QPixmap
from PySide6.QtWidgets import QApplication, QLabel

TITLE = "the other program"
SIDE = 200
PREVIEW_WIDTH = 160


class Source(QLabel):
    """Press anywhere in it and drag."""

    def __init__(self, files: list[Path]) -> None:
        super().__init__("drag me")
        self._files = files
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWindowTitle(TITLE)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Offer the files."""
        drag, data = QDrag(self), QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in self._files])
        drag.setMimeData(data)
        preview = QPixmap(str(self._files[0]))
        if not preview.isNull():
            drag.setPixmap(preview.scaledToWidth(PREVIEW_WIDTH))
        drag.exec(Qt.DropAction.CopyAction)


def main() -> int:
    """Until it is closed."""
    app = QApplication([])
    source = Source([Path(name).absolute() for name in sys.argv[1:]])
    source.setGeometry(1300, 100, SIDE, SIDE)
    source.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
