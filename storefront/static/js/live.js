// Asks for the progress of an order after 1, 2, 5, then every 15 s, and stops by itself:
// when the order is done (the new part has no data-live) or after half an hour.
(() => {
  const waits = [1, 2, 5, 15];
  let asked = 0;
  const ask = () => {
    const part = document.querySelector("[data-live]");
    if (!part) return;
    htmx.trigger(part, "poll");
    wait();
  };
  const wait = () => {
    if (asked < 120) setTimeout(ask, waits[Math.min(asked++, 3)] * 1000);
  };
  wait();
})();
