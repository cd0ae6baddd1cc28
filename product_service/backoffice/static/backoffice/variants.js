// Makes a row for each combination of the options, and fills the rows with what is typed once for
// all. Needs rows.js and chips.js. The server does the same for whoever has no JavaScript.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const MOST = 200;
  const text = document.querySelector("textarea[data-options]");
  const made = document.querySelector('[name="options_made"]');
  if (!text || !made) return;
  const button = document.querySelector("[data-make]");
  const forAll = [...document.querySelectorAll('[name^="all_"]:not([name="all_sku"])')];
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  status.className = "help";
  button?.parentElement.append(status);
  if (button) button.hidden = true;

  text.addEventListener("change", makeRows);
  for (const field of forAll) {
    field.addEventListener("change", () => {
      for (const row of Rows.of("variants")) if (!Rows.isSaved(row)) fill(row, field);
    });
  }
  if (forAll.length) addFillButton();

  function makeRows() {
    const wanted = combinations(OptionLines.read(text.value));
    if (wanted.length > MOST) {
      status.textContent = `These options make ${wanted.length} variants; a product has ${MOST} at most.`;
      return;
    }
    const keys = new Set(wanted.map(keyOf));
    for (const row of Rows.of("variants")) {
      if (row.dataset.made && !keys.has(row.dataset.made)) drop(row);
    }
    const there = new Set(Rows.of("variants").map((row) => keyOf(choiceOf(row))));
    let added = 0;
    for (const choice of wanted.filter((each) => !there.has(keyOf(each)))) {
      take(freeRow() ?? Rows.add("variants"), choice);
      added += 1;
    }
    made.value = text.value;
    sort(wanted.map(keyOf));
    status.textContent = added ? `${Rows.of("variants").length} variants are below.` : "";
  }

  function take(row, choice) {
    const options = Rows.field(row, "options");
    Rows.put(options, [...choice].map(([name, value]) => `${name}: ${value}`).join(" / "));
    if (!Rows.isSaved(row)) {
      row.dataset.made = keyOf(choice);
      forAll.forEach((field) => fill(row, field));
    }
    label(row, [...choice.values()].join(" / "));
  }

  // New rows stand in the order of the options, behind those that are saved.
  function sort(keys) {
    const rows = Rows.of("variants");
    const fresh = rows.filter((row) => row.dataset.made);
    fresh.sort((a, b) => keys.indexOf(a.dataset.made) - keys.indexOf(b.dataset.made));
    const end = document.querySelector("#variants-empty");
    const start = rows.length - fresh.length;
    fresh.forEach((row, n) => {
      end.before(row);
      Rows.put(Rows.field(row, "position"), String(start + n));
    });
  }

  // The last row stays: a product has one variant at least.
  function drop(row) {
    if (Rows.of("variants").length > 1) {
      Rows.remove(row);
    } else {
      delete row.dataset.made;
      Rows.put(Rows.field(row, "options"), "");
    }
  }

  function fill(row, field) {
    const cell = Rows.field(row, field.name.replace("all_", ""));
    if (cell && (cell.value === "" || cell.value === cell.dataset.filled)) {
      Rows.put(cell, field.value);
      cell.dataset.filled = field.value;
    }
  }

  function addFillButton() {
    const all = document.createElement("button");
    all.type = "button";
    all.className = "fill-all";
    all.textContent = "Put into all rows";
    all.addEventListener("click", () => {
      for (const row of Rows.of("variants")) {
        for (const field of forAll.filter((each) => each.value.trim())) {
          Rows.put(Rows.field(row, field.name.replace("all_", "")), field.value);
        }
      }
      status.textContent = `Put into ${Rows.of("variants").length} rows. Nothing is saved yet.`;
    });
    forAll.at(-1).closest(".form-row").append(all);
  }

  function freeRow() {
    return Rows.of("variants").find((row) => Rows.field(row, "options")?.value.trim() === "");
  }

  function choiceOf(row) {
    const parts = (Rows.field(row, "options")?.value ?? "").split(" / ");
    return new Map(parts.map((part) => part.split(/:(.*)/s).slice(0, 2).map((each) => each.trim())));
  }

  function keyOf(choice) {
    const parts = [...choice].map(([name, value]) => `${name.toLowerCase()}:${value}`);
    return parts.sort().join("\n");
  }

  function combinations(options) {
    let found = options.size ? [new Map()] : [];
    for (const [name, values] of options) {
      found = found.flatMap((choice) => values.map((value) => new Map([...choice, [name, value]])));
      if (found.length > 100_000) return found;
    }
    return found;
  }

  function label(row, words) {
    for (const field of row.querySelectorAll("input[aria-label]")) {
      field.setAttribute("aria-label", `${field.getAttribute("aria-label").split(" of ")[0]} of ${words}`);
    }
  }
});
