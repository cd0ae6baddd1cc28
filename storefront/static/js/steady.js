// A swap of a page's content moves neither the page nor the keyboard focus, and loses nothing typed.
(() => {
  let typed = 0;
  let trail = [];
  addEventListener("input", ({ target }) => {
    if (!target.matches("[hx-post]")) return;
    typed++;
    target.previousElementSibling.value = ""; // `had`: typed stays typed, also back to what it was
  });
  addEventListener("htmx:beforeRequest", (event) => (event.detail.xhr.typed = typed));
  addEventListener("htmx:beforeSwap", (event) => {
    // Typed since the request was sent: the change that follows asks again.
    if (event.detail.xhr.typed !== typed) event.detail.shouldSwap = false;
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
