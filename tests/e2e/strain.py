"""What the layout of a page must bear: narrow windows, text at 200 %, awkward words, paper."""

from __future__ import annotations

from playwright.sync_api import Page

LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen"
BIG_PRICE = "€1,234,567.89"
PAPER_PX = 718  # A4 without its margins, at 96 px an inch

# Every text is made awkward in turn: a price becomes a big one, and the last word of anything else
# becomes a very long one, as a name, an address, a notice or an error may have. All is put back.
STRAIN = """([word, price]) => {
  const root = document.documentElement, found = new Set();
  const name = (one) => `${one.localName}.${one.className}`;
  const all = [...document.body.querySelectorAll("*")];
  const fields = all.filter((one) => one.matches("input:not([type=hidden]), select, textarea"));
  const boxes = all.filter((one) => {
    const style = getComputedStyle(one);  // what is only for screen readers is clipped on purpose
    return one.textContent.trim() && ["hidden", "clip"].includes(style.overflowX)
      && style.clipPath === "none";
  });
  const texts = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, text = node.data;
    if (!text.trim() || node.parentElement.closest("script, style, noscript, option")) continue;
    texts.push([node, text, text.includes("€") ? price : text.replace(/\\S+\\s*$/, word)]);
  }
  const look = (state) => {
    const width = root.clientWidth;
    if (root.scrollWidth > width) {
      const wide = all.filter((one) => one.getBoundingClientRect().right > width + 0.5);
      found.add(`${root.scrollWidth} px of ${width}, ${state}: ${wide.map(name).slice(-4)}`);
    }
    for (const one of boxes)
      if (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1)
        found.add(`text is cut, ${state}: ${name(one)}`);
    for (const one of fields) {
      const size = getComputedStyle(one).fontSize;
      if (parseFloat(size) < 16) found.add(`${size} in a field makes phones zoom: ${name(one)}`);
    }
  };
  look("as it is");
  for (const [node, , awkward] of texts) node.data = awkward;
  for (const size of ["100%", "200%"]) {
    root.style.fontSize = size;
    look(`awkward words, text ${size}`);
  }
  for (const [node, text] of texts) node.data = text;
  root.style.fontSize = "";
  return [...found];
}"""

PRINTED = """() => {
  const shown = (one) => one.checkVisibility() && one.getBoundingClientRect().width > 1;
  const idle = [...document.querySelectorAll("nav, button, .button, [role=search], footer a")];
  return {
    idle: idle.filter(shown).map((one) => `${one.localName}.${one.className}`),
    ink: getComputedStyle(document.body).color,
    text: document.body.innerText,
    wider: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  };
}"""


def strained(page: Page, *widths: int) -> list[str]:
    """What is too wide, cut or too small in windows of `widths`; the last one stays."""
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 844})
        found += [f"{width} px, {fault}" for fault in page.evaluate(STRAIN, [LONG_WORD, BIG_PRICE])]
    return found


def misprinted(page: Page, base_url: str) -> list[str]:
    """What is wrong with the page on paper: it names the seller, and offers nothing to press."""
    window = page.viewport_size
    page.set_viewport_size({"width": PAPER_PX, "height": 1000})
    page.emulate_media(media="print", color_scheme="dark")
    paper = page.evaluate(PRINTED)
    page.emulate_media(media="screen", color_scheme="light")
    if window:
        page.set_viewport_size(window)
    found = [f"printed: {one}" for one in paper["idle"]]
    if paper["ink"] != "rgb(20, 22, 28)":
        found.append(f"printed in {paper['ink']}")
    if "TechCommerce" not in paper["text"] or base_url not in paper["text"]:
        found.append("printed without the seller")
    if paper["wider"] > 0:
        found.append(f"{paper['wider']} px wider than the paper")
    return found
