// A swap of a page's content moves neither the page nor the keyboard focus, and loses nothing typed.
(() => {
  let typed = 0;
  let sent = 0;
  let busy = false;
  const waiting = new Map(); // what was pressed or typed in meanwhile, in turn; twice is once
  let trail = [];
  addEventListener("input", ({ target }) => {
    if (!target.matches("[hx-post]")) return;
    typed++;
    target.previousElementSibling.value = ""; // `had`: typed stays typed, also back to what it was
  });
  addEventListener("focusout", ({ target }) => {
    // What is typed back to what it was is no change to a browser.
    if (typed !== sent && target.matches("[hx-post]")) htmx.trigger(target, "change");
  });
  addEventListener("htmx:confirm", (event) => {
    if (!busy || event.detail.verb === "get") return;
    event.preventDefault();
    waiting.set(event.target, event.detail.issueRequest);
  });
  addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
    busy = true;
    sent = typed;
    // A line on its way out sends nothing any more.
    if (elt.name === "remove") elt.closest("li").querySelectorAll("input").forEach((each) => (each.disabled = true));
  });
  addEventListener("htmx:afterRequest", ({ detail: { successful } }) => {
    busy = false;
    const [next] = waiting;
    if (!next || !successful) return; // plainly.js leaves a page whose request failed
    waiting.delete(next[0]);
    next[1](true);
  });
  addEventListener("pageshow", () => (busy = false));
  addEventListener("htmx:beforeSwap", (event) => {
    // Another request follows; what it is asked by must stay until then, and its answer shows all.
    if (sent !== typed || waiting.size) event.detail.shouldSwap = false;
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
