"""The trainer's commands: each reads its options, drains one generator and reports its events."""
