"""`karez content export --studio`: what the studio published becomes files, and the operator is told of every clash."""

from care.kit.clock import SystemClock
from care.kit.settings import Settings
from care.studio.export import Exported, Prefer, export
from care.studio.types import FileChanged
from care.supervisor.prepare import CannotStart, is_new, open_database


class CannotExport(CannotStart):
    """Nothing was written; says why, and what to type instead."""


async def export_studio(settings: Settings, prefer: Prefer) -> Exported:
    """Write it into the content folder of the settings.  Raises CannotExport and ContentBroken."""
    if is_new(settings):
        raise CannotExport("Nothing was written: there is no database yet, so nobody has published anything.")
    database = open_database(settings, SystemClock())
    try:
        return await export(database, settings.content, settings.home, prefer)
    except FileChanged as refused:
        raise CannotExport(_clash(refused.files)) from None
    except OSError as wrong:
        raise CannotExport(f"Nothing was written: {wrong.filename or settings.content}: {wrong.strerror}.") from wrong
    finally:
        await database.close()


def _clash(files: list[str]) -> str:
    named = "\n".join(f"{file}: changed in the folder after the studio began to write it" for file in files)
    return (
        f"{named}\nNothing was written. Look at both, then say whose words count: "
        "`karez content export --studio --prefer studio`, or `--prefer files`, which drops what was published for these files."
    )
