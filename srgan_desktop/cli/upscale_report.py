"""What ``upscale`` prints: events as JSON for programs, as text for people."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from srgan_desktop.cli.shared import say
from srgan_desktop.core.base.console import Console, bytes_text, seconds_text
from srgan_desktop.core.base.translation import tr, trn

if TYPE_CHECKING:
    from pathlib import Path

    from srgan_desktop.core.base.events import Event


class Reporter(Protocol):
    """Shows events; ``close`` ends what is drawn."""

    def show(self, event: Event) -> None: ...

    def close(self) -> None: ...


def make_reporter(arguments: argparse.Namespace, files: int, *, few: bool = False) -> Reporter:
    """As --json says; ``files`` are expected, 0 where nobody knows how many there will be.

    Args:
        few: they are done one after the other, in a queue that nobody sees.
    """
    return JsonReporter(few=few) if arguments.json else PlainReporter(files)


class JsonReporter:
    """Events as they are, one line each; of ``few`` files without what belongs to a queue."""

    def __init__(self, *, few: bool = False) -> None:
        self._few = few

    def show(self, event: Event) -> None:
        from srgan_desktop.core.base import events

        if self._few and isinstance(event, events.BatchProgress):
            return
        if self._few and isinstance(
            event,
            events.FileStarted
            | events.FileAdapted
            | events.FileTile
            | events.FileDone
            | events.FileFailed
            | events.FileSkipped,
        ):
            event = replace(event, item=None)
        print(event.to_json(), flush=True)

    def close(self) -> None:
        pass


class PlainReporter:
    """Events as text for people."""

    def __init__(self, files: int) -> None:
        self._console = Console()
        self._files = files
        self._number = 0  # of the file that was begun last
        self._begun: set[Path] = set()
        self._text = ""
        self._rest_s: float | None = None  # of all files, where a run tells it

    def show(self, event: Event) -> None:
        from srgan_desktop.core.base import events

        # results are written while the next file is begun, so the two kinds are mixed
        if isinstance(event, events.FileStarted):
            self._number += 1
            self._begun.add(event.source)
        elif isinstance(event, events.FileFailed | events.FileSkipped):
            self._number += event.source not in self._begun
        self._show(event)

    def _show(self, event: Event) -> None:
        from srgan_desktop.core.base import events

        match event:
            case events.FileStarted():
                self._text = self._file_text(event)
                self._console.progress(0, self._text)
            case events.FileTile():
                self._console.progress(event.done / event.total, self._text + self._rest())
            case events.FileDone():
                self._console.line(
                    tr(
                        "{source} -> {target}  ({seconds})",
                        source=event.source,
                        target=event.target,
                        seconds=seconds_text(event.seconds),
                    )
                )
                self._print_warnings(event.warnings)
            case events.FileFailed():
                self._console.close()
                say(tr("failed: {error}", error=event.error))
            case events.FileSkipped():
                self._console.line(
                    tr(
                        "{source}: skipped, {target} exists",
                        source=event.source,
                        target=event.target,
                    )
                )
            case events.BatchProgress():
                self._rest_s = event.eta_s
                self._files = max(self._files, event.total)
            case events.Paused():
                self._console.close()
                reason = event.reason or tr("asked for")
                say(tr("paused: {reason}", reason=reason))
            case events.Resumed():
                say(tr("going on"))
            case events.Watching():
                self._console.line(tr("watching {folder}; Ctrl+C ends it", folder=event.folder))
            case events.FileAdapted() | events.Planned() | events.PlannedAll():
                self._console.line(_text_of(event))
            case events.Finished() if self._files != 1:
                self._console.line(
                    tr(
                        "{done} done, {failed} failed, {skipped} skipped",
                        done=event.done,
                        failed=event.failed,
                        skipped=event.skipped,
                    )
                )

    def close(self) -> None:
        self._console.close()

    def _print_warnings(self, warnings: tuple[str, ...]) -> None:
        for warning in warnings:
            say(tr("  warning: {message}", message=warning))

    def _file_text(self, event: Event) -> str:
        from srgan_desktop.core.base import events

        assert isinstance(event, events.FileStarted)
        count = f"{self._number}/{self._files}  " if self._files > 1 else ""
        return (
            f"{count}{event.source.name}  {event.width} x {event.height}"
            f" -> {event.out_width} x {event.out_height}"
        )

    def _rest(self) -> str:
        if self._rest_s is None:
            return ""
        rest = seconds_text(self._rest_s)
        if self._files > 1:
            return "  " + tr("{time} left in all", time=rest)
        return "  " + tr("{time} left", time=rest)


def _text_of(event: Event) -> str:
    from srgan_desktop.core.base import events

    match event:
        case events.FileAdapted():
            return _adapted_text(event)
        case events.Planned():
            return _planned_text(event)
        case _:
            return _planned_all_text(event)


def _adapted_text(event: Event) -> str:
    from srgan_desktop.core.base import events

    assert isinstance(event, events.FileAdapted)
    found = tr(
        "  found: noise {noise}, of the colours {colour}, blur {blur}, compression {compression}",
        noise=event.found["noise"],
        colour=event.found["colour_noise"],
        blur=event.found["blur"],
        compression=event.found["compression"],
    )
    if event.used == event.found:
        return found
    return found + tr(
        "; used: {noise}, {colour}, {blur}, {compression}",
        noise=event.used["noise"],
        colour=event.used["colour_noise"],
        blur=event.used["blur"],
        compression=event.used["compression"],
    )


def _planned_text(event: Event) -> str:
    from srgan_desktop.core.base import events

    assert isinstance(event, events.Planned)
    text = tr(
        "{source} -> {target}  {width} x {height} -> {out_width} x {out_height}, "
        "about {time}, {disk} on disk",
        source=event.source,
        target=event.target,
        width=event.width,
        height=event.height,
        out_width=event.out_width,
        out_height=event.out_height,
        time=seconds_text(event.seconds),
        disk=bytes_text(event.disk_bytes),
    )
    lost = [tr("  warning: {message}", message=warning) for warning in event.warnings]
    return "\n".join([text, *lost])


def _planned_all_text(event: Event) -> str:
    from srgan_desktop.core.base import events

    assert isinstance(event, events.PlannedAll)
    text = trn("{n} picture", "{n} pictures", event.files) + tr(
        ": about {time}, up to {memory} of memory, {disk} on disk",
        time=seconds_text(event.seconds),
        memory=bytes_text(event.memory_bytes),
        disk=bytes_text(event.disk_bytes),
    )
    if event.free_disk_bytes is not None and event.free_disk_bytes < event.disk_bytes:
        text += "\n" + tr(
            "not enough: only {free} are free", free=bytes_text(event.free_disk_bytes)
        )
    return text
