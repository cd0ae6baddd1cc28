// Shows a description as shoppers will see it, below what is typed.
// Bound to <textarea name="description" data-asks="address that answers with the HTML">.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const text = document.querySelector("textarea[name=description][data-asks]");
  if (!text) return;
  const button = document.createElement("button");
  const shown = document.createElement("div");
  button.type = "button";
  button.className = "row-button";
  button.textContent = "Show as shoppers will see it";
  shown.className = "described";
  shown.setAttribute("role", "status");
  text.closest(".form-row").append(button, shown);

  button.addEventListener("click", async () => {
    const body = new FormData();
    const isFormatted = document.querySelector("[name=is_formatted]")?.checked;
    body.append("description", text.value);
    if (isFormatted) body.append("is_formatted", "on");
    body.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    try {
      const response = await fetch(text.dataset.asks, { method: "POST", body });
      shown.innerHTML = (await response.json()).html;
    } catch {
      shown.textContent = "It cannot be shown now. What you typed is still here.";
    }
  });
});
