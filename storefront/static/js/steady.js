// A swap of a page's content moves neither the page nor the keyboard focus.
(() => {
  let trail = [];
  addEventListener("htmx:beforeSwap", (event) => {
    trail = [];
    for (let part = document.activeElement; part; part = part.parentElement) if (part.id) trail.push(part.id);
    // A browser holds on to what stays, which is the footer: the page would follow it down.
    if (event.detail.target.tagName === "MAIN") document.body.style.overflowAnchor = "none";
  });
  addEventListener("htmx:afterSettle", () => {
    requestAnimationFrame(() => setTimeout(() => (document.body.style.overflowAnchor = "")));
    if (document.activeElement !== document.body) return;
    // What had the focus is gone: the nearest part around it that is still there takes it.
    const part = trail.map((id) => document.getElementById(id)).find(Boolean);
    if (!part) return;
    if (part.tabIndex < 0) part.tabIndex = -1;
    part.focus({ preventScroll: true });
  });
})();
