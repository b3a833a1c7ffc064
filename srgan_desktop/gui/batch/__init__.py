"""The Batch page: many pictures, one after the other, unattended."""
