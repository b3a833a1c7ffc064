"""What a run is started with, and how its folder keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import RunFolderError, SrganDesktopError
from trainer.config.reading import from_mapping, to_mapping
from trainer.config.run_config import RunConfig
from trainer.run.chaining import ChainedStage
from trainer.run.run_folder import RunFolder


@dataclass(frozen=True)
class RunInputs:
    """What a run was started with besides its config.

    Attributes:
        preset: name or path of the preset.
        data, validation: folders; without the second some training pictures are set aside.
        steps, budget_s: where the run ends; at least one is set.
        device: as the command line takes it, "auto" too, so that a resume may be elsewhere.
        init: model file whose weights the run begins with.
        pairs: folder with the LR pictures of ``data``, for degradation.kind pairs.
        real: folder with bad photos, for stage cycle.
        then: the run that follows this one by itself.
        end_moved: whether ``RunFolder.change_end`` has moved the end since the run was begun.
    """

    preset: str
    data: Path
    validation: Path | None
    steps: int | None
    budget_s: float | None
    device: str = "auto"
    init: Path | None = None
    pairs: Path | None = None
    real: Path | None = None
    then: ChainedStage | None = None
    end_moved: bool = False


def create_run(folder: RunFolder, config: RunConfig, inputs: RunInputs) -> None:
    """Make the folder; one that already holds a run is refused.

    Raises:
        UsageError: as ``RunFolder.check_free``.
        RunFolderError: it cannot be written.
    """
    folder.check_free()
    try:
        folder.last_checkpoint.parent.mkdir(parents=True, exist_ok=True)
        folder.samples.mkdir(exist_ok=True)
    except OSError as error:
        raise RunFolderError(folder.path, atomic.explain(error)) from error
    folder.write_values({"config": to_mapping(config), "inputs": _to_json(inputs)})


def read_run(folder: RunFolder) -> tuple[RunConfig, RunInputs]:
    """What the run was started with.

    Raises:
        RunFolderError: no run there, or its config is damaged.
    """
    values = folder.read_values()
    try:
        return from_mapping(RunConfig, values["config"]), _from_json(values["inputs"])
    except (ValueError, KeyError, TypeError, AttributeError, SrganDesktopError) as error:
        raise folder.unreadable(error) from error


def _to_json(inputs: RunInputs) -> dict[str, Any]:
    return {
        "preset": inputs.preset,
        "data": str(inputs.data.absolute()),
        "validation": str(inputs.validation.absolute()) if inputs.validation else None,
        "steps": inputs.steps,
        "budget_s": inputs.budget_s,
        "device": inputs.device,
        "init": str(inputs.init.absolute()) if inputs.init else None,
        "pairs": str(inputs.pairs.absolute()) if inputs.pairs else None,
        "real": str(inputs.real.absolute()) if inputs.real else None,
        "then": inputs.then.to_json() if inputs.then else None,
        "end_moved": inputs.end_moved,
    }


def _from_json(values: dict[str, Any]) -> RunInputs:
    return RunInputs(
        preset=values["preset"],
        data=Path(values["data"]),
        validation=Path(values["validation"]) if values["validation"] else None,
        steps=values["steps"],
        budget_s=values["budget_s"],
        device=values["device"],
        init=Path(values["init"]) if values["init"] else None,
        # runs of an earlier version know none of these
        pairs=Path(values["pairs"]) if values.get("pairs") else None,
        real=Path(values["real"]) if values.get("real") else None,
        then=ChainedStage.from_json(values["then"]) if values.get("then") else None,
        end_moved=values.get("end_moved") is True,
    )
