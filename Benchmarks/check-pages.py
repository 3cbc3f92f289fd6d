#!/usr/bin/env python3
"""Opens every kind of page that ntprof writes in headless Chromium and says what is wrong with it.

    check-pages.py --ntprof PATH [--screenshots DIR] [PAGE.html ...]

Without pages it makes them first: profiles of several networks and options, comparisons, a network of 1,000 layers.
Each is opened from its file, light and dark, 1300 and 420 pixels wide, scrolled through and printed. Wrong are: an
error or a line on the console, a request for anything but the page, a page wider than its window, text cut off in a
card, a chart that stays blank, an id that occurs twice, a plot without a table. `make check-pages` runs it.
"""

import argparse
import base64
import pathlib
import sys
import tempfile

import pages
from chromium import Chromium, Tab

SIZE_LIMIT = 5_000_000

# What the page tells of itself once it is scrolled through. A canvas whose pixels are all the same was not drawn.
INSPECT = """(async () => {
  const wait = ms => new Promise(done => setTimeout(done, ms));
  for (let y = 0; y < document.documentElement.scrollHeight; y += 700) { scrollTo(0, y); await wait(40); }
  await wait(200);
  const blank = [...document.querySelectorAll("canvas")].filter(canvas => {
    if (!canvas.width || !canvas.height) return true;
    const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    return pixels.every(pixel => pixel === pixels[0]);
  }).map(canvas => canvas.id);
  const ids = [...document.querySelectorAll("[id]")].map(element => element.id);
  const root = document.documentElement;
  const wide = [...document.body.querySelectorAll("*")].filter(element => {
    const box = element.getBoundingClientRect();
    if (box.right <= innerWidth + 1 || !box.width) return false;
    for (let up = element.parentElement; up; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== "visible") return false;
    return true;
  }).slice(0, 3).map(element => element.tagName.toLowerCase() + "." + element.className);
  scrollTo(0, 0);
  return {
    canvases: document.querySelectorAll("canvas").length, blank, wide, overflow: root.scrollWidth - innerWidth,
    twice: ids.filter((id, place) => ids.indexOf(id) !== place),
    cut: [...document.querySelectorAll(".card .figure, .card h3")].filter(e => e.scrollWidth > e.clientWidth + 1)
      .map(e => e.textContent),
    bare: [...document.querySelectorAll(".panel")].filter(e => e.querySelector("canvas") && !e.querySelector("table"))
      .length, rows: document.querySelectorAll("tbody tr").length,
  };
})()"""

TIMES = """(() => {
  const page = performance.getEntriesByType("navigation")[0];
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return {load: page.loadEventEnd, paint: paint ? paint.startTime : 0};
})()"""

LAYOUTS = [("light", 1300, False), ("dark", 1300, True), ("narrow", 420, False)]


def timing(browser, url, times):
    """The quickest of some openings, in ms: load event, first paint, and until the page answers again."""
    best = {}
    for _ in range(times):
        with Tab(browser) as tab:
            tab.open(url)
            found = tab.evaluate(TIMES)
        for name, value in found.items():
            best[name] = min(value, best.get(name, value))
    return best


def inspect(browser, page, screenshots):
    """The complaints about a page, and its numbers."""
    url = page.resolve().as_uri()
    wrong = []
    for name, width, dark in LAYOUTS:
        with Tab(browser, width=width, dark=dark) as tab:
            tab.open(url)
            facts = tab.evaluate(INSPECT)
            wrong += [f"{name}: console: {text}" for text in tab.complaints()]
            wrong += [f"{name}: asks for {address}" for address in tab.requests(url)]
            wrong += [f"{name}: chart {chart} is blank" for chart in facts["blank"]]
            if facts["twice"]:
                wrong.append(f"{name}: {len(facts['twice'])} ids occur twice, like {facts['twice'][0]}")
            wrong += [f"{name}: cut off: {text}" for text in facts["cut"]]
            if facts["overflow"] > 0:
                wrong.append(f"{name}: {facts['overflow']} pixels wider than its window: {', '.join(facts['wide'])}")
            if facts["bare"]:
                wrong.append(f"{name}: {facts['bare']} plots without a table")
            if screenshots:
                height = min(tab.evaluate("document.documentElement.scrollHeight"), 12000)
                tab.resize(width, height)
                browser.settle(0.8)
                image = tab.send("Page.captureScreenshot", format="png")
                (screenshots / f"{page.stem}-{name}.png").write_bytes(base64.b64decode(image["data"]))
            if name == "light":
                printed = base64.b64decode(tab.send("Page.printToPDF", printBackground=True)["data"])
                sheets = printed.count(b"/Type /Page\n") or printed.count(b"/Type /Page ")
                if screenshots:
                    (screenshots / f"{page.stem}.pdf").write_bytes(printed)
    if (size := page.stat().st_size) > SIZE_LIMIT:
        wrong.append(f"{size / 1e6:.1f} MB")
    return wrong, {"charts": facts["canvases"], "rows": facts["rows"], "sheets": sheets, "size": size}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ntprof", default=".build/release/ntprof", help="the program that makes the pages")
    parser.add_argument("--screenshots", type=pathlib.Path, help="where pictures and printed pages go")
    parser.add_argument("--times", type=int, default=3, help="openings a page is timed over")
    parser.add_argument("--browser", help="Chromium's program")
    parser.add_argument("pages", nargs="*", type=pathlib.Path, help="pages that are there already")
    options = parser.parse_args()
    if options.screenshots:
        options.screenshots.mkdir(parents=True, exist_ok=True)
    failed = False
    with tempfile.TemporaryDirectory(prefix="check-pages-") as folder:
        found = options.pages or pages.make(options.ntprof, pathlib.Path(folder))
        with Chromium(options.browser) as browser:
            print(f"{'page':28} {'load ms':>8} {'paint ms':>8} {'KB':>7} {'charts':>6} {'rows':>6} {'sheets':>6}")
            for page in found:
                times = timing(browser, page.resolve().as_uri(), options.times)
                wrong, facts = inspect(browser, page, options.screenshots)
                print(f"{page.stem:28} {times['load']:8.0f} {times['paint']:8.0f} {facts['size'] / 1e3:7.0f} "
                      f"{facts['charts']:6} {facts['rows']:6} {facts['sheets']:6}", flush=True)
                for text in wrong:
                    print(f"  {text}", flush=True)
                failed = failed or bool(wrong)
    print("pages with faults, see above" if failed else "no console message, no request, nothing cut off")
    sys.exit(1 if failed else 0)


main()
