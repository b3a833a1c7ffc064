"""The pages beside Upscale, each brought to the moment that scripts/screenshots.py takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from screen_driving import wait_until

# so many looks at the validation photos make a curve
LOOKS = 3
# fewer photos than these are advised against
ENOUGH = 24


def show(window: Any, icon_name: str) -> Any:
    """Bring a page to the front."""
    page = find(window, icon_name)
    window.show_page(window.pages.index(page))
    return page


def find(window: Any, icon_name: str) -> Any:
    """A page, which may be behind."""
    return next(page for page in window.pages if page.icon_name == icon_name)


def show_batch(window: Any, photo: Path, until: str) -> None:
    """A folder of small photos on the Batch page; one of them is damaged."""
    page = show(window, "batch")
    rows, panel = page.model.rows, page.view.panel
    wait_until(lambda: page.session.is_open and panel.model_chosen)
    page.session.remove([item.id for item in rows.items()])
    wait_until(lambda: len(rows) == 0)
    if until == "empty":
        return
    window.open_paths([album(photo)])
    wait_until(lambda: len(rows) > 0)
    if until == "waiting":
        page.view.table.selectRow(2)
        wait_until(lambda: panel.cost.text().count("B"))
        return
    page.running.start()
    count = 5 if until == "working" else len(rows)
    wait_until(lambda: rows.counts["done"] + rows.counts["failed"] >= count)
    if until == "done":
        wait_until(lambda: not page.run.active)


def album(photo: Path, count: int = 18, *, damaged: bool = True) -> Path:
    """Crops of the photo in folders, and a damaged file among them."""
    from PIL import Image

    top = photo.with_name("Summer")
    with Image.open(photo) as picture:
        whole = picture.convert("RGB")
    for number in range(count):
        folder = top / ("Lake", "Harbour", "Otters")[number % 3]
        folder.mkdir(parents=True, exist_ok=True)
        width, height = whole.width // 2 + 5 * number, whole.height * 2 // 3 + 2 * number
        left = (whole.width - width) * (number % 5) // 4
        upper = (whole.height - height) * (number % 4) // 3
        piece = whole.crop((left, upper, left + width, upper + height))
        piece.save(folder / f"IMG_{2041 + 7 * number}.jpg", quality=92)
    if damaged:
        (top / "Lake" / "IMG_2050.jpg").write_bytes(b"cut short")
    return top


def show_training_form(window: Any, photo: Path, *, damaged: bool = True) -> Any:
    """The Train page with a folder in it; nothing is begun."""
    page = show(window, "train")
    wait_until(lambda: page.form.recipes)
    page.show_form()
    page.open_paths([album(photo, ENOUGH, damaged=damaged)])
    wait_until(lambda: page.form.view.photos.report is not None)
    return page


def show_training(window: Any, photo: Path) -> None:
    """A small network that learns just now, long enough for curves and samples."""
    page = show_training_form(window, photo, damaged=False)
    form = page.form
    for box, wanted in ((form.view.recipe, "srresnet-quick"), (form.view.length.choice, "time")):
        box.setCurrentIndex(box.findData(wanted))
        box.activated.emit(box.currentIndex())
    form.view.length.text.setText("10m")
    page.starting.start()
    wait_until(lambda: page.manager.history is not None)
    history = page.manager.history
    wait_until(lambda: len(history.validations) >= LOOKS)
    wait_until(lambda: page.view.samples.strip is not None)


def end_trainings(window: Any) -> None:
    """They are processes of their own, which would go on without the window."""
    manager = find(window, "train").manager
    manager.stop_all()
    wait_until(lambda: not manager.running)


def show_models(window: Any, photo: Path) -> None:
    """The models that are there, with pictures of what they do."""
    page = show(window, "models")
    wait_until(lambda: page.catalogue.models and page.side.chosen is not None)
    wait_until(lambda: all(model.choice.name in page._images for model in page.catalogue.models))
