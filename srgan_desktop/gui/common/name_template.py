"""Templates of results' names as people type them: the source's name is ``{name}``.

The engine and the command line call that field ``{stem}``, which is understood too.
"""

from __future__ import annotations

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.jobs.result_names import check_template

FIELDS = "{name} {scale} {width} {height} {model}"


def shown(template: str) -> str:
    """For a field in the window."""
    return template.replace("{stem", "{name")


def typed(text: str) -> str:
    """For the engine."""
    return text.replace("{name", "{stem")


def problem(text: str) -> str:
    """Why what is typed is no template; empty where it is one."""
    try:
        check_template(typed(text))
    except UsageError:
        return tr("A file name without folders; you can use {fields}", fields=FIELDS)
    return ""
