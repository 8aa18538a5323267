"""Whether this process lives, and whether it can do its work."""

import shutil

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from api.security import TheDoor

router = APIRouter()
LOWEST_FREE_SHARE = 0.05


@router.get("/healthz")
async def alive() -> dict[str, str]:
    return {"status": "alive"}


@router.get("/readyz")
async def ready(door: TheDoor) -> JSONResponse:
    """Database and disk; reasons are short words, never addresses."""
    reasons = []
    try:
        await door.database.ping()
    except (SQLAlchemyError, OSError):
        reasons.append("database")
    disk = shutil.disk_usage(door.settings.home)
    if disk.free / disk.total < LOWEST_FREE_SHARE:
        reasons.append("disk")
    return JSONResponse({"ready": not reasons, "reasons": reasons}, 503 if reasons else 200)
