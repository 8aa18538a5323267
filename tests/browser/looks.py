"""What must be true of every page, whatever is on it: nothing cut, nothing hidden, large enough for a thumb, focus in sight."""

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.browser.chromium import Window

WIDTHS = (360, 1280)
THUMB_PX = 44  # https://www.w3.org/TR/WCAG22/#target-size-enhanced
NAMED = """
const named = (each) => `${each.tagName}.${each.className} ${each.textContent.trim().slice(0, 30)}`;
const seen = (css) => Array.from(document.querySelectorAll(css)).filter((each) => each.getClientRects().length);
"""
CUT = f"""{NAMED}
const worded = seen("a, button, dd, dt, h1, h2, h3, label, legend, li, p, small, span, strong, td, th, blockquote");
return worded.filter((each) => each.clientWidth && each.scrollWidth > each.clientWidth + 1).map(named)
  .concat(seen("button, .button").filter((each) => each.scrollHeight > each.clientHeight + 1).map(named));
"""
# The middle of what can be pressed must be what is pressed: nothing lies over it once it is scrolled to.
HARD_TO_TAP = f"""{NAMED}
const least = arguments[0], hard = [];
const dialog = document.querySelector("dialog[open]"); // what lies under it is not to be pressed now
for (const each of seen("a, button, textarea, select, label.answer, input:not([type=radio])")) {{
  if (dialog && !dialog.contains(each)) continue;
  if (!each.closest(".dock, .bar, dialog")) each.scrollIntoView({{ block: "center" }});
  const box = each.getBoundingClientRect();
  const on = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const small = Math.min(box.width, box.height) < least - 0.5;
  if (small || !each.contains(on)) hard.push(`${{named(each)}}: ${{box.width}} x ${{box.height}} under ${{on && named(on)}}`);
}}
return hard;
"""
ELSEWHERE = """
const asked = performance.getEntriesByType("resource").map((each) => each.name);
return asked.filter((each) => new URL(each).origin !== location.origin);
"""
# In right-to-left writing a Latin name or a number of several groups is torn apart unless it stands by itself.
HARMFUL, ANY = r"[A-Za-z]|\d\s\d|[+]\d", "[0-9A-Za-z]"
LOOSE = """
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), loose = [];
for (let each = texts.nextNode(); each; each = texts.nextNode()) {
  const holder = each.parentElement;
  if (holder.closest("bdi, noscript, script, style, template, option, textarea") || !holder.getClientRects().length) continue;
  const around = each.textContent.replace(/[\\u2066-\\u2068][^\\u2069]*\\u2069/g, " ");
  if (getComputedStyle(holder).direction === "rtl" && new RegExp(arguments[0]).test(around))
    loose.push(`${holder.tagName}.${holder.className}: ${around.trim().slice(0, 40)}`);
}
return loose;
"""
WATCH_FOCUS = """
window.stops = new Map();
document.addEventListener("focusin", ({ target }) => {
  const { outlineStyle, outlineWidth } = getComputedStyle(target);
  const name = [Array.from(document.all).indexOf(target), target.tagName, target.id, target.className, target.name].join(" ");
  window.stops.set(name, outlineStyle !== "none" && parseFloat(outlineWidth) >= 2);
});
"""
STOPS = "return Object.fromEntries(window.stops)"


def must_be_none(what: str, found: list[str]) -> None:
    assert found == [], f"{what}: {found}"


async def must_look_well(window: Window) -> None:
    """At every width: no sideways scrolling, no cut words; no loose number, nothing fetched from elsewhere, no complaint."""
    for width in WIDTHS:
        await window.resize(width)
        await window.must_fit()
        must_be_none(f"cut at {width} px", await window.run(CUT))
    await must_stand_apart(window, HARMFUL)
    must_be_none("fetched from elsewhere", await window.run(ELSEWHERE))
    must_be_none("complaints of the page", await window.complained())


async def must_stand_apart(window: Window, what: str = ANY) -> None:
    """Numbers and Latin names in right-to-left writing are isolated from the words around them."""
    must_be_none("loose in right-to-left writing", await window.run(LOOSE, what))


async def must_be_easy_to_tap(window: Window) -> None:
    await window.resize(WIDTHS[0])
    must_be_none("hard to tap", await window.run(HARD_TO_TAP, THUMB_PX))


async def must_show_the_focus(window: Window, at_least: int) -> None:
    """Walk with the Tab key: every stop wears its ring."""
    await window.run(WATCH_FOCUS)
    await window.look(lambda chromium: ActionChains(chromium, duration=0).send_keys(Keys.TAB * at_least * 2).perform())
    stops = await window.run(STOPS)
    must_be_none("focused, but looking as before", [name for name, has_ring in stops.items() if not has_ring])
    assert len(stops) >= at_least, f"only {list(stops)} can be reached without a mouse"
