"""Make a shipped model of a trained one: score it, write its card, put both in their places.

    python scripts/ship_model.py RUN/model.safetensors --name srresnet-x4 \
        --recipe docs/models/recipes/srresnet-x4.toml --benchmarks DIR [--lpips-weights FILE]

DIR holds Set5, Set14 and BSD100, each with HR and LR_x<scale>. The recipe file holds what only
people know: title, description, licence, data, hardware, weaknesses, the smooth model that it
blends with (partner) and a contact sheet beside the card (sheet). Scores are measured here, of the
weights as they ship: float16, which halves the file and changes PSNR by less than 0.001 dB.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.leaving import run_script
from srgan_desktop.core.base.printable import short_line
from srgan_desktop.core.engine.calibration import find_ranges
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.networks.network import Network
from srgan_desktop.core.upscaling.upscale import enlarge_with
from srgan_desktop.core.weights.model_file import ModelCard, load_model, read_card, save_model
from trainer.evaluation.evaluate import CLASSIC, Enlarge, FolderScore, evaluate_folder, mean_score
from trainer.evaluation.lpips import Lpips, load_lpips

ROOT = Path(__file__).resolve().parent.parent
SETS = ("Set5", "Set14", "BSD100")
WANTED = (
    "title",
    "description",
    "licence",
    "network",
    "data",
    "hardware",
    "weaknesses",
    "command",
)


def main() -> None:
    """Parse, score, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--recipe", type=Path, required=True)
    parser.add_argument("--benchmarks", type=Path, required=True)
    parser.add_argument("--lpips-weights", type=Path, help="AlexNet's weights, for LPIPS")
    parser.add_argument(
        "--trained", type=Path, help="whose training the card tells, where MODEL is a mixture"
    )
    arguments = parser.parse_args()
    # what is wrong is said before minutes of scoring
    known = read_recipe(arguments.recipe)
    network, card = load_model(arguments.model)
    training = training_of(arguments.trained or arguments.model)
    folders = benchmark_folders(arguments.benchmarks, card.scale)
    network = network.half().float()
    network.activation_ranges = find_ranges(network)
    engine = Engine(network, card, torch.device("cpu"), "fp32")
    methods = {arguments.name: enlarge_with(engine), "bicubic": CLASSIC["bicubic"](card.scale)}
    lpips = load_lpips(arguments.lpips_weights)
    scores = {name: score(folders, how, card.scale, lpips) for name, how in methods.items()}
    card = dataclasses.replace(
        card,
        name=arguments.name,
        title=known["title"],
        description=known["description"],
        licence=known["licence"],
        author="The SRGAN Desktop developers",
        scores={s.name: figures(s) for s in scores[arguments.name]},
        partner=known.get("partner", ""),
        training=training | {"data": known["data"], "hardware": known["hardware"]},
    )
    ship(network, card, known, scores)


def read_recipe(path: Path) -> dict[str, Any]:
    """What people know of the model.

    Raises:
        UsageError: the file cannot be read, or lacks something; says what.
    """
    try:
        known = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read as a recipe: {short_line(error)}") from error
    missing = [key for key in WANTED if not known.get(key)]
    if missing:
        raise UsageError(f"{path}: does not tell {', '.join(missing)}")
    return known


def training_of(model: Path) -> dict[str, Any]:
    """What a finished run wrote into its model of itself.

    Raises:
        UsageError: it says nothing of that.
    """
    training = dict(read_card(model).training)
    if not {"preset", "steps", "seconds", "precision"} <= training.keys():
        raise UsageError(
            f"{model}: does not say how it was trained, as a mixture does not; name the last run's "
            "model with --trained"
        )
    return training


def benchmark_folders(benchmarks: Path, scale: int) -> list[Path]:
    """The sets that are there for this scale.

    Raises:
        UsageError: there is none.
    """
    found = [benchmarks / name for name in SETS if (benchmarks / name / f"LR_x{scale}").is_dir()]
    if not found:
        raise UsageError(f"{benchmarks}: holds none of {', '.join(SETS)} with a folder LR_x{scale}")
    return found


def ship(
    network: Network,
    card: ModelCard,
    known: dict[str, Any],
    scores: dict[str, list[FolderScore]],
) -> None:
    """Both files into their places, when both are complete."""
    target = ROOT / "resources" / "models" / f"{card.name}.safetensors"
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / target.name
        save_model(draft, network, card, half=True)
        # with the hash of what ships
        text = as_markdown(read_card(draft), known, scores)
        save_model(target, network, card, half=True)
    with atomic.replace_file(ROOT / "docs" / "models" / f"{card.name}.md") as new:
        new.file.write(text.encode())
    print(text)


def score(
    folders: Sequence[Path], enlarge: Enlarge, scale: int, lpips: Lpips | None
) -> list[FolderScore]:
    """Means on the sets, rounded to what is worth reading."""
    return [
        rounded(mean_score(folder.name, list(evaluate_folder(folder, enlarge, scale, lpips))))
        for folder in folders
    ]


def rounded(score: FolderScore) -> FolderScore:
    """PSNR to a thousandth of a dB, SSIM and LPIPS to four digits, tone to a hundredth."""
    return dataclasses.replace(
        score,
        psnr_y=round(score.psnr_y, 3),
        ssim_y=round(score.ssim_y, 4),
        lpips=None if score.lpips is None else round(score.lpips, 4),
        tone=round(score.tone, 2),
        tone_p99=round(score.tone_p99, 2),
    )


def figures(score: FolderScore) -> dict[str, float]:
    """As a model file keeps them."""
    known = {"psnr_y": score.psnr_y, "ssim_y": score.ssim_y, "tone": score.tone}
    return known if score.lpips is None else known | {"lpips": score.lpips}


def cell(score: FolderScore) -> str:
    """One cell of the card's table."""
    lpips = "-" if score.lpips is None else f"{score.lpips:.3f}"
    tone = f"{score.tone:.2f}, {score.tone_p99:.2f}"
    return f"{score.psnr_y:.2f} / {score.ssim_y:.4f} / {lpips} / {tone}"


def as_markdown(
    card: ModelCard, known: dict[str, Any], scores: dict[str, list[FolderScore]]
) -> str:
    """The model card for people."""
    training, today = card.training, datetime.datetime.now(datetime.UTC)
    sets = [entry.name for entry in next(iter(scores.values()))]
    rows = [
        f"| {name} | " + " | ".join(cell(s) for s in entries) + " |"
        for name, entries in scores.items()
    ]
    return "\n".join(
        [
            f"# {card.name}",
            "",
            f"{card.title}. {card.description}",
            "",
            f"PSNR-Y in dB / SSIM-Y / LPIPS (AlexNet) / tone error (mean and 99th percentile, in "
            f"levels of 255), measured on {today:%Y-%m-%d}:",
            "",
            "| | " + " | ".join(sets) + " |",
            "|---" * (len(sets) + 1) + "|",
            *rows,
            "",
            f"- **Network**: {known['network']}",
            f"- **Training**: preset `{training['preset']}`, {training['steps']:,} steps in "
            f"{training['seconds'] / 3600:.1f} hours, {training['precision']}, on "
            f"{known['hardware']}",
            f"- **Data**: {known['data']}",
            f"- **Licence**: {card.licence}",
            f"- **Known weaknesses**: {known['weaknesses']}",
            f"- **Again**: `{known['command']}`",
            f"- **Weights**: SHA-256 of the tensors `{card.weights_sha256}`",
            *([f"- **Blends with**: `{card.partner}` (--detail)"] if card.partner else []),
            "",
            *(
                [f"![What it makes of pictures it has never seen]({known['sheet']})", ""]
                if "sheet" in known
                else []
            ),
        ]
    )


if __name__ == "__main__":
    run_script(main)
