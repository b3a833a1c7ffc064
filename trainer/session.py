"""Starting and resuming a run: everything around the loop."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import torch

from srgan_desktop.core.errors import DatasetError, UsageError
from srgan_desktop.core.generator import Generator
from srgan_desktop.core.weights import ModelCard, load_model, save_model
from trainer.config import RunConfig, to_mapping
from trainer.dataset import PhotoSet, Rejected, load_photos, picture_paths
from trainer.degradations import BICUBIC_MARGIN
from trainer.events import Event, Finished, Saved, Warned
from trainer.run_folder import RunFolder, RunInputs
from trainer.schedule import Pace
from trainer.stages.pixel import PixelStage, new_stage, run_pixel_stage
from trainer.validation import Piece, load_pieces


def start(config: RunConfig, inputs: RunInputs, folder: RunFolder) -> Iterator[Event]:
    """Begin a run in a new folder; an iterator of its events.

    Raises:
        SrganDesktopError: the data, the folder or the device cannot be used.
    """
    folder.create(config, inputs)
    yield from _train(config, inputs, folder)


def resume(folder: RunFolder) -> Iterator[Event]:
    """Go on where the last checkpoint left a run; at the start where there is none.

    Raises:
        RunFolderError: no run there, damaged, or in use.
    """
    config, inputs = folder.read()
    yield from _train(config, inputs, folder)


def _train(config: RunConfig, inputs: RunInputs, folder: RunFolder) -> Iterator[Event]:
    with folder.lock(), folder.event_log() as log:
        for event in _events(config, inputs, folder):
            log.write(event)
            yield event


def _events(config: RunConfig, inputs: RunInputs, folder: RunFolder) -> Iterator[Event]:
    if config.threads:
        torch.set_num_threads(config.threads)
    device = torch.device(inputs.device)
    photos, pieces, rejected = load_data(config, inputs)
    for item in rejected[:20]:
        yield Warned(f"left out {item.path}: {item.reason}")
    if len(rejected) > 20:
        yield Warned(f"left out {len(rejected) - 20} more pictures")

    stage, pace = _stage_and_pace(config, inputs, folder, device)
    events = run_pixel_stage(config, stage, photos.to(device), pieces, pace, folder)
    for event in events:
        if isinstance(event, Finished):
            save_model(folder.final_model, stage.network, card_of(config, inputs, stage, pace))
            yield Saved(event.step, str(folder.final_model))
            yield dataclasses.replace(event, model=str(folder.final_model))
        else:
            yield event


def load_data(
    config: RunConfig, inputs: RunInputs
) -> tuple[PhotoSet, list[Piece], list[Rejected]]:
    """Training photos on the CPU, validation pieces, and what had to be left out.

    Without a validation folder every 20th training photo (one at least, where there are four) is
    set aside for it.
    """
    paths = picture_paths(inputs.data)
    if inputs.validation is not None:
        held_out = picture_paths(inputs.validation)
    else:
        held_out = paths[::20][: config.validation.pictures] if len(paths) >= 4 else []
        paths = [path for path in paths if path not in set(held_out)]
    scale, colours = config.generator.scale, config.generator.colours
    rejected: list[Rejected] = []
    photos = load_photos(
        paths,
        colours=colours,
        least_side=config.data.crop + 2 * BICUBIC_MARGIN * scale,
        memory_bytes=int(config.data.memory_gib * 2**30),
        rejected=rejected.append,
    )
    pieces = load_pieces(held_out, config.validation, scale, colours)
    if inputs.validation is not None and not pieces:
        raise DatasetError(f"{inputs.validation}: no picture in it is fit for validation")
    return photos, pieces, rejected


def _stage_and_pace(
    config: RunConfig, inputs: RunInputs, folder: RunFolder, device: torch.device
) -> tuple[PixelStage, Pace]:
    torch.manual_seed(config.seed)
    generator = Generator(config.generator)
    if inputs.init is not None:
        generator = _initial_generator(inputs.init, config)
    stage = new_stage(config, generator, device)
    state = folder.load_checkpoint()
    if state is not None:
        stage.restore(state)
    return stage, Pace(inputs.steps, inputs.budget_s, stage.elapsed)


def _initial_generator(path: Path, config: RunConfig) -> Generator:
    generator, card = load_model(path)
    if card.config != config.generator:
        raise UsageError(
            f"{path}: its network ({card.config}) is not the one to be trained "
            f"({config.generator}); choose a preset with the same generator"
        )
    return generator.requires_grad_(True)


def card_of(config: RunConfig, inputs: RunInputs, stage: PixelStage, pace: Pace) -> ModelCard:
    """The model card that a finished run writes of itself."""
    return ModelCard(
        name=inputs.preset,
        title=config.title,
        description=config.description,
        config=config.generator,
        training={
            "preset": inputs.preset,
            "steps": stage.step,
            "seconds": round(pace.elapsed),
            "device": inputs.device,
            "precision": stage.precision,
            "validation_psnr_y": round(stage.best_psnr, 3) if stage.best_psnr > 0 else None,
            "config": to_mapping(config),
        },
    )
