"""The Upscale page: drop a photo, watch it sharpen, save it."""
