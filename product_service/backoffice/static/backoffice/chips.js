// Options as chips: <textarea data-options> holds a line an option, "Colour: Green, Black".
// The text stays what is sent; each change of a chip is written into it.
"use strict";

const OptionLines = {
  read(text) {
    const found = new Map();
    for (const line of text.split(/\r?\n/)) {
      const [name, rest] = line.split(/:(.*)/s).map((part) => (part ?? "").trim());
      const values = (rest ?? "").split(rest?.includes(";") ? ";" : ",").map((v) => v.trim());
      const kept = [...new Set(values.filter(Boolean))];
      if (name && kept.length) found.set(name, kept);
    }
    return found;
  },

  write(options) {
    return options
      .filter(([name, values]) => name && values.length)
      .map(([name, values]) => {
        const hasComma = values.some((value) => value.includes(","));
        const end = hasComma && values.length === 1 ? ";" : "";
        return `${name}: ${values.join(hasComma ? "; " : ", ")}${end}`;
      })
      .join("\n");
  },
};

document.addEventListener("DOMContentLoaded", () => {
  const text = document.querySelector("textarea[data-options]");
  if (!text) return;
  const known = document.querySelector("[data-known-options]");
  const box = made("div", "option-rows");
  const more = made("button", "option-more", "Add another option");
  more.type = "button";
  if (known) known.id = "known-options";

  for (const [name, values] of OptionLines.read(text.value)) box.append(optionRow(name, values));
  if (!box.children.length) box.append(optionRow("", []));
  const editor = made("div", "option-editor");
  editor.append(box, more);
  text.after(editor);
  // A text that chips cannot show stays a text, to be mended.
  const isShown = text.value.trim() && text.closest(".errors");
  if (isShown) {
    editor.hidden = true;
  } else {
    text.hidden = true;
  }
  document.querySelector(`label[for="${text.id}"]`)?.removeAttribute("for");
  more.addEventListener("click", () => {
    box.append(optionRow("", []));
    box.lastElementChild.querySelector("input").focus();
  });

  function optionRow(name, values) {
    const row = made("div", "option-row");
    const title = input("option-name", "Option, for example Colour", name);
    title.setAttribute("list", "known-options");
    const list = made("ul", "chips");
    const entry = input("option-value", "Values, with a comma after each", "");
    row.append(title, list, entry);
    for (const value of values) addChip(list, value);
    title.addEventListener("change", write);
    title.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing) {
        event.preventDefault();
        entry.focus();
      }
    });
    entry.addEventListener("keydown", (event) => {
      if ((event.key === "Enter" || event.key === ",") && !event.isComposing) {
        event.preventDefault();
        take(list, entry);
      } else if (event.key === "Backspace" && !entry.value && list.lastElementChild) {
        list.lastElementChild.remove();
        write();
      }
    });
    entry.addEventListener("input", () => entry.value.includes(",") && take(list, entry));
    entry.addEventListener("change", () => take(list, entry));
    return row;
  }

  function take(list, entry) {
    const there = new Set([...list.children].map((chip) => chip.dataset.value));
    for (const value of entry.value.split(",").map((part) => part.trim())) {
      if (value && !there.has(value)) addChip(list, value);
    }
    entry.value = "";
    write();
  }

  function addChip(list, value) {
    const chip = made("li", "chip", value);
    const off = made("button", "chip-off", "×");
    off.type = "button";
    off.setAttribute("aria-label", `Take out ${value}`);
    chip.dataset.value = value;
    chip.append(off);
    list.append(chip);
    off.addEventListener("click", () => {
      const entry = list.parentElement.querySelector(".option-value");
      chip.remove();
      write();
      entry.focus();
    });
  }

  function write() {
    const options = [...box.children].map((row) => [
      row.querySelector(".option-name").value.replace(":", "").trim(),
      [...row.querySelectorAll(".chip")].map((chip) => chip.dataset.value),
    ]);
    text.value = OptionLines.write(options);
    text.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function input(className, label, value) {
    const field = made("input", className);
    field.type = "text";
    field.value = value;
    field.placeholder = label;
    field.setAttribute("aria-label", label);
    return field;
  }

  function made(tag, className, content = "") {
    const element = document.createElement(tag);
    element.className = className;
    element.textContent = content;
    return element;
  }
});
