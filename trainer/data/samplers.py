"""What cuts a step's crops out of the data of a run, whichever kind that is."""

from __future__ import annotations

from trainer.config.run_config import RunConfig
from trainer.data.crops import CropSampler
from trainer.data.dataset import PhotoSet
from trainer.data.distillation import DistillationPhotos, DistillationSampler
from trainer.data.user_pairs import PairSampler, UnpairedPhotos, UnpairedSampler, padded_crop


def crop_sampler(config: RunConfig, photos: PhotoSet) -> CropSampler:
    """What cuts a step's crops, for ``step_pair``, out of ``photos`` as they were loaded."""
    side, scale = config.data.crop, config.generator.scale
    common = (config.batch, config.seed, config.data.augment)
    if isinstance(photos, UnpairedPhotos):
        return UnpairedSampler(photos, side, *common, scale)
    if isinstance(photos, DistillationPhotos):
        return DistillationSampler(photos, padded_crop(config), *common, config=config)
    if config.degradation.kind == "pairs":
        return PairSampler(photos, side // scale, *common, scale)
    return CropSampler(photos, padded_crop(config), *common)
