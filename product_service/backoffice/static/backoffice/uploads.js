// Says that pictures are too large together before they are sent, so that the form stays as it is.
// Bound to the form of <input type="file" data-together="most bytes of all such inputs">.
"use strict";

document.addEventListener("submit", (event) => {
  const inputs = [...event.target.querySelectorAll("input[type=file][data-together]")];
  const files = inputs.flatMap((input) => [...input.files]);
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  const old = event.target.querySelector(".too-large-together");
  if (old) {
    old.remove();
  }
  if (files.length === 0 || bytes <= Number(inputs[0].dataset.together)) {
    return;
  }
  event.preventDefault();
  const note = document.createElement("p");
  const most = Math.floor(inputs[0].dataset.together / 1048576);
  note.className = "errornote too-large-together";
  note.setAttribute("role", "alert");
  note.textContent =
    `These pictures are ${Math.ceil(bytes / 1048576)} MB together; at most ${most} MB can be sent` +
    " at once. Nothing was saved yet. Take some out, save, then add them.";
  event.target.prepend(note);
  note.scrollIntoView({ block: "center" });
});
