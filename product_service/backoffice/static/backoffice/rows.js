// The rows of an inline of Django's admin: read, filled, added and taken out again.
"use strict";

const Rows = {
  of(prefix) {
    return [...document.querySelectorAll(`#${prefix}-group tbody tr.form-row:not(.empty-form)`)];
  },

  field(row, name) {
    return row.querySelector(`[name$="-${name}"]`);
  },

  isSaved(row) {
    return row.classList.contains("has_original");
  },

  add(prefix) {
    document.querySelector(`#${prefix}-group .add-row a`).click();
    return Rows.of(prefix).at(-1);
  },

  remove(row) {
    row.querySelector(".inline-deletelink")?.click();
  },

  // As people do it, so that whoever listens knows.
  put(field, value) {
    if (field && !field.disabled && field.value !== value) {
      field.value = value;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  },
};
