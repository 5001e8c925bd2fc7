// How words get into the page: as text, never as markup, since names may be anybody's; and only where they have changed,
// so that a screen reader or a selection keeps its place.

export function at(id) {
  return document.getElementById(id);
}

export function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// A word in its colour. `level`: good, warn, bad or nothing.
export function put_pill(node, { level, word }) {
  put(node, word);
  set_class(node, word ? `pill ${level}` : "");
}

// Rows into the body of the table `id`. A row is a list of cells, a cell is a text or a list of {text, kind}, and the
// first cell is the row's header. Cells are like the heads of their columns, and know their words for where a row is shown
// as a list. Without rows the table gives way to the text in `id`_none, if there is one.
export function fill(id, rows) {
  const [body] = at(id).tBodies;
  const heads = at(id).tHead.rows[0].cells;
  while (body.rows.length > rows.length) body.deleteRow(-1);
  rows.forEach((cells, r) => fill_row(body.rows[r] ?? add_row(body, heads), cells));
  at(id).parentElement.hidden = rows.length === 0;
  at(`${id}_none`)?.toggleAttribute("hidden", rows.length > 0);
}

export function pill({ level, word }) {
  return { text: word, kind: `pill ${level}` };
}

export function note(text) {
  return { text, kind: "note" };
}

// A table that is wider than its place can be moved by keys, too.
export function let_keys_scroll() {
  for (const box of document.querySelectorAll(".scroll")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

function fill_row(row, cells) {
  cells.forEach((cell, c) => fill_cell(row.cells[c], cell));
}

// The roles are those that the elements have anyhow; some browsers forget them where a style lays a table out as a list.
function add_row(body, heads) {
  const row = body.insertRow();
  row.setAttribute("role", "row");
  [...heads].forEach((head, c) => {
    const cell = row.appendChild(document.createElement(c === 0 ? "th" : "td"));
    if (c === 0) cell.scope = "row";
    cell.setAttribute("role", c === 0 ? "rowheader" : "cell");
    cell.dataset.head = head.textContent;
    cell.className = head.className;
  });
  return row;
}

function fill_cell(cell, content) {
  const parts = (typeof content === "string" ? [{ text: content, kind: "" }] : content).filter((p) => p.text !== "");
  while (cell.children.length > parts.length) cell.lastElementChild.remove();
  parts.forEach(({ text, kind }, p) => {
    const part = cell.children[p] ?? cell.appendChild(document.createElement("span"));
    put(part, text);
    set_class(part, kind);
  });
}

function set_class(node, name) {
  if (node.className !== name) node.className = name;
}
