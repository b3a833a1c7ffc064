"""The window: thin views over models and jobs. Only this package imports PySide6."""
