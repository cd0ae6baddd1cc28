// The cart sends one request at a time. What is typed or pressed meanwhile waits in turn.
(() => {
  let typed = 0;
  let sent = 0;
  let busy = false;
  const waiting = new Map(); // by button or field: pressed twice is once
  addEventListener("input", ({ target }) => {
    if (!target.matches("[hx-post]")) return;
    typed++;
    target.previousElementSibling.value = ""; // had: typed is typed, also back
  });
  addEventListener("focusout", ({ target }) => {
    // Typed back is no change to a browser.
    if (typed !== sent && target.matches("[hx-post]")) htmx.trigger(target, "change");
  });
  addEventListener("htmx:confirm", (event) => {
    if (!busy) return;
    event.preventDefault();
    waiting.set(event.target, event.detail.issueRequest);
  });
  addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
    busy = true;
    sent = typed;
    // A line on its way out sends nothing any more.
    if (elt.name === "remove") for (const input of elt.closest("li").querySelectorAll("input")) input.disabled = true;
  });
  addEventListener("htmx:afterRequest", ({ detail: { successful } }) => {
    busy = false;
    const [next] = waiting;
    if (!next || !successful) return; // failed: plainly.js leaves the page
    waiting.delete(next[0]);
    next[1](true);
  });
  addEventListener("pageshow", () => (busy = false));
  addEventListener("htmx:beforeSwap", ({ detail }) => {
    // What waits must stay; the answer to it shows all.
    if (sent !== typed || waiting.size) detail.shouldSwap = false;
  });
})();
