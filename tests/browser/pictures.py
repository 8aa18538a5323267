"""Makes a screenshot small enough for a repository: 256 colours, chosen by how often the page shows them."""

import base64
import struct
import zlib
from itertools import batched
from typing import Any

# The browser unpacks its own picture.  A colour beyond the palette (the edge of a letter) becomes the nearest in it.
TO_PALETTE = """
const [picture, done] = arguments, image = new Image();
image.onload = () => {
  const { width, height } = image, canvas = new OffscreenCanvas(width, height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const pixels = new Uint32Array(canvas.getImageData(0, 0, width, height).data.buffer), often = new Map();
  for (const each of pixels) often.set(each, (often.get(each) || 0) + 1);
  const palette = Array.from(often.keys()).sort((one, other) => often.get(other) - often.get(one)).slice(0, 256);
  const parts = (colour) => [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255];
  const rgb = palette.map(parts), places = new Map(palette.map((colour, place) => [colour, place]));
  const far = ([r, g, b], other) => (r - other[0]) ** 2 + (g - other[1]) ** 2 + (b - other[2]) ** 2;
  for (const colour of often.keys()) {
    if (places.has(colour)) continue;
    const distances = rgb.map((each) => far(parts(colour), each));
    places.set(colour, distances.indexOf(Math.min(...distances)));
  }
  let shown = "";
  for (const each of pixels) shown += String.fromCharCode(places.get(each));
  done([width, height, rgb.flat(), btoa(shown)]);
};
image.src = "data:image/png;base64," + picture;
"""


def write_png(width: int, height: int, palette: list[int], shown: bytes) -> bytes:
    """A PNG of one byte a pixel.  https://www.w3.org/TR/png-3/"""
    rows = b"".join(b"\0" + bytes(row) for row in batched(shown, width))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = [(b"IHDR", header), (b"PLTE", bytes(palette)), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def shrink(chromium: Any, picture: str) -> bytes:
    """A screenshot (base64) in 256 colours."""
    width, height, palette, shown = chromium.execute_async_script(TO_PALETTE, picture)
    return write_png(width, height, palette, base64.b64decode(shown))
