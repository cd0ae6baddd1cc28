// A request of htmx that fails is made again by the browser itself, which shows whatever comes of it.
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  addEventListener(failure, ({ detail: { elt } }) => {
    if (elt.matches("a")) location.assign(elt.href);
    else if (elt.matches("button")) elt.form.requestSubmit(elt); // its name and address go along
    else (elt.form ?? elt).submit();
  });
}
