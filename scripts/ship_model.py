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
import tomllib
from pathlib import Path
from typing import Any

import torch

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.leaving import run_script
from srgan_desktop.core.engine.calibration import find_ranges
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.upscaling.upscale import enlarge_with
from srgan_desktop.core.weights.model_file import ModelCard, load_model, read_card, save_model
from trainer.evaluation.evaluate import CLASSIC, Enlarge, FolderScore, evaluate_folder, mean_score
from trainer.evaluation.lpips import Lpips, load_lpips

ROOT = Path(__file__).resolve().parent.parent
SETS = ("Set5", "Set14", "BSD100")


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
    known = tomllib.loads(arguments.recipe.read_text(encoding="utf-8"))
    network, card = load_model(arguments.model)
    training = read_card(arguments.trained or arguments.model).training
    # before minutes of scoring
    if "preset" not in training:
        raise UsageError(
            f"{arguments.trained or arguments.model}: does not say how it was trained, as a "
            "mixture does not; name the last run's model with --trained"
        )
    network = network.half().float()
    network.activation_ranges = find_ranges(network)
    engine = Engine(network, card, torch.device("cpu"), "fp32")
    methods = {arguments.name: enlarge_with(engine), "bicubic": CLASSIC["bicubic"](card.scale)}
    lpips = load_lpips(arguments.lpips_weights)
    scores = {
        name: score(arguments.benchmarks, how, card.scale, lpips) for name, how in methods.items()
    }
    card = dataclasses.replace(
        card,
        name=arguments.name,
        title=known["title"],
        description=known["description"],
        licence=known["licence"],
        author="The SRGAN Desktop developers",
        scores={s.name: figures(s) for s in scores[arguments.name]},
        partner=known.get("partner", ""),
        training=dict(training) | {"data": known["data"], "hardware": known["hardware"]},
    )
    save_model(
        ROOT / "resources" / "models" / f"{arguments.name}.safetensors", network, card, half=True
    )
    text = as_markdown(card, known, scores)
    (ROOT / "docs" / "models" / f"{arguments.name}.md").write_text(text, encoding="utf-8")
    print(text)


def score(benchmarks: Path, enlarge: Enlarge, scale: int, lpips: Lpips | None) -> list[FolderScore]:
    """Means on the three sets, rounded to what is worth reading."""
    return [
        rounded(mean_score(name, list(evaluate_folder(benchmarks / name, enlarge, scale, lpips))))
        for name in SETS
        if (benchmarks / name / f"LR_x{scale}").is_dir()
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
