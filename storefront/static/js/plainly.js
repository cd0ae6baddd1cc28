// A request of htmx that fails is made again by the browser itself, which shows whatever comes of it.
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  addEventListener(failure, ({ detail: { elt } }) => {
    if (elt.matches("form")) elt.submit();
    else if (elt.matches("a")) location.assign(elt.href);
  });
}
