// Pictures chosen together are sent one by one at once, shown, described and put in order before
// the form is saved. Needs rows.js and chips.js.
// <input type="file" multiple data-pictures data-asks="where to send them">; a row has the fields
// stored (what the form sends to have the picture), alt, for_value and position.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const input = document.querySelector("[data-pictures]");
  const group = document.querySelector("#images-group");
  if (!group) return;
  const status = document.createElement("div");
  const told = document.createElement("ul");
  status.setAttribute("role", "status");
  told.className = "picture-told errorlist";
  status.append(told);
  input?.closest(".form-row").append(status);

  let sending = Promise.resolve();
  let waiting = 0;

  input?.addEventListener("change", () => {
    told.replaceChildren();
    for (const file of [...input.files]) {
      waiting += 1;
      sending = sending.then(async () => {
        const answer = await send(file);
        answer.error ? tell(answer.error) : show(answer);
        waiting -= 1;
      });
    }
    input.value = "";
  });

  // A form that is saved meanwhile waits for its pictures.
  input?.form.addEventListener("submit", (event) => {
    if (waiting === 0) return;
    event.preventDefault();
    const button = event.submitter;
    sending.then(() => (told.children.length ? told.scrollIntoView() : button?.click()));
  });

  const place = (row) => Number(Rows.field(row, "position")?.value ?? 0);
  const first = document.querySelector("#images-empty");
  for (const row of Rows.of("images").sort((a, b) => place(a) - place(b))) {
    first?.before(row);
    makeMovable(row);
  }
  document.addEventListener("formset:added", (event) => {
    if (event.detail.formsetName === "images") makeMovable(event.target);
    number();
  });
  document.querySelector("textarea[data-options]")?.addEventListener("change", offerValues);
  offerValues();

  async function send(file) {
    const body = new FormData();
    body.append("picture", file);
    body.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    try {
      const response = await fetch(input.dataset.asks, { method: "POST", body });
      return await response.json();
    } catch {
      return { error: `“${file.name}” did not arrive. Choose it again.` };
    }
  }

  function show(answer) {
    const row = Rows.add("images");
    Rows.put(Rows.field(row, "stored"), answer.stored);
    const picture = document.createElement("img");
    picture.src = answer.url;
    picture.alt = "";
    row.querySelector(".field-preview").replaceChildren(picture);
    row.querySelector(".field-upload input").hidden = true;
    offerValues();
  }

  function tell(text) {
    const line = document.createElement("li");
    line.textContent = text;
    told.append(line);
  }

  // Up and down by button, and by dragging the picture.
  function makeMovable(row) {
    const place = row.querySelector(".field-position");
    const moves = document.createElement("div");
    moves.className = "row-moves";
    moves.append(button(row, -1, "↑", "Move up"), button(row, 1, "↓", "Move down"));
    place.append(moves);
    const preview = row.querySelector(".field-preview");
    preview.draggable = true;
    preview.addEventListener("dragstart", () => row.classList.add("is-dragged"));
    preview.addEventListener("dragend", () => {
      row.classList.remove("is-dragged");
      number();
    });
    row.addEventListener("dragover", (event) => {
      const dragged = group.querySelector(".is-dragged");
      if (!dragged) return;
      event.preventDefault();
      const box = row.getBoundingClientRect();
      const isLower = event.clientY > box.top + box.height / 2;
      if (dragged !== row) isLower ? row.after(dragged) : row.before(dragged);
    });
  }

  function button(row, step, sign, label) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "row-button";
    made.textContent = sign;
    made.setAttribute("aria-label", label);
    made.addEventListener("click", () => {
      const rows = Rows.of("images");
      const other = rows[rows.indexOf(row) + step];
      if (!other) return;
      step < 0 ? other.before(row) : other.after(row);
      number();
      made.focus();
    });
    return made;
  }

  function number() {
    Rows.of("images").forEach((row, n) => Rows.put(Rows.field(row, "position"), String(n)));
  }

  // “Shows all” offers what is typed as options, before that is saved.
  function offerValues() {
    const text = document.querySelector("textarea[data-options]")?.value ?? "";
    const texts = [...OptionLines.read(text)].flatMap(([name, values]) =>
      values.map((value) => `${name}: ${value}`),
    );
    for (const select of group.querySelectorAll('select[name$="-for_value"]')) {
      const there = new Set([...select.options].map((option) => option.value));
      for (const each of texts) if (!there.has(each)) select.add(new Option(each, each));
    }
  }
});
