// Gives each cell the heading of its column: where a table does not fit, its rows become cards.
for (const table of document.querySelectorAll("#result_list, .inline-group .tabular table")) {
  const headings = [...table.tHead.rows[0].cells].map((cell) =>
    (cell.querySelector(".text") ?? cell).textContent.trim(),
  );
  for (const body of table.tBodies) {
    for (const row of body.rows) {
      for (const cell of row.cells) cell.dataset.label = headings[cell.cellIndex] ?? "";
    }
  }
  table.classList.add("has-cards");
}
