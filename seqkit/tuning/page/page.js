"use strict";
for (const table of document.querySelectorAll("table[data-sortable]")) {
  const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  const key = (row, column) => {
    const cell = row.cells[column], by = cell.dataset.sort;
    return by === undefined ? cell.textContent.trim() : by === "" ? null : Number(by);
  };
  const compare = (a, b) => {
    if (a === null || b === null) return 0;
    return typeof a === "number" && typeof b === "number"
      ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      const rows = [...body.rows].map((row) => ({ row, key: key(row, column) }));
      // What has no number stays below, whichever way the others go.
      rows.sort((a, b) => (a.key === null) - (b.key === null)
        || (down ? compare(b.key, a.key) : compare(a.key, b.key)));
      body.append(...rows.map(({ row }) => row));
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
    });
  });
}
for (const box of document.querySelectorAll(".copy")) {
  const text = box.querySelector("pre"), button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-live", "polite");
  box.append(button);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent + "\n");
      button.textContent = "Copied";
    } catch {
      // Not allowed here: mark the text, so that a key press copies it.
      getSelection().selectAllChildren(text);
      button.textContent = "Marked: press Ctrl+C";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2500);
  });
}
