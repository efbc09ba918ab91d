// Forms made from form files: hides what does not apply, adds and removes rows in the page, adds up columns.
// The server decides everything again; without this file the same buttons ask the server.

// --- FEEL trees, the twin of forms/feel/page.py ---------------------------------------------------------------------

const plain = (value) => (value === undefined || value === "" || Number.isNaN(value) ? null : value);

const isNumber = (value) => typeof value === "number";

const ordered = {
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
};

// By Unicode code point, as Python does; JavaScript's own order differs beyond the basic plane.
function compareTexts(left, right) {
  const a = Array.from(left, (character) => character.codePointAt(0));
  const b = Array.from(right, (character) => character.codePointAt(0));
  const at = a.findIndex((code, index) => code !== b[index]);
  return at < 0 ? a.length - b.length : at >= b.length ? 1 : a[at] - b[at];
}

const kindOf = (value) => (Array.isArray(value) ? "list" : typeof value);

// Null for values of different kinds, except that null equals nothing but null.
function equal(left, right) {
  if (left === null || right === null) return left === right;
  if (kindOf(left) !== kindOf(right)) return null;
  if (Array.isArray(left)) {
    return left.length === right.length && left.every((part, index) => equal(part, right[index]) === true);
  }
  if (typeof left !== "object") return left === right;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length && keys.every((key) => key in right && equal(plain(left[key]), plain(right[key])))
  );
}

function compare(head, left, right) {
  if (head === "=") return equal(left, right);
  if (head === "!=") {
    const same = equal(left, right);
    return same === null ? null : !same;
  }
  if (typeof left !== typeof right) return null;
  if (isNumber(left)) return ordered[head](left, right);
  return typeof left === "string" ? ordered[head](compareTexts(left, right), 0) : null;
}

function calculate(head, left, right) {
  if (head === "+" && typeof left === "string" && typeof right === "string") return left + right;
  if (!isNumber(left) || !isNumber(right)) return null;
  const result = { "+": left + right, "-": left - right, "*": left * right, "/": left / right }[head];
  return Number.isFinite(result) ? result : null;
}

function logic(head, left, right) {
  const deciding = head === "or";
  if (left === deciding || right === deciding) return deciding;
  return typeof left === "boolean" && typeof right === "boolean" ? !deciding : null;
}

export function evaluate(tree, answers) {
  const [head, first, second] = tree;
  if (head === "value") return plain(first);
  if (head === "name") return plain(answers[first]);
  if (head === "path") return Array.isArray(answers[first]) ? answers[first].map((row) => plain(row[second])) : null;
  const left = evaluate(first, answers);
  if (head === "not") return typeof left === "boolean" ? !left : null;
  if (head === "count") return Array.isArray(left) ? left.length : 0;
  if (head === "sum") return (Array.isArray(left) ? left : []).filter(isNumber).reduce((sum, part) => sum + part, 0);
  const right = evaluate(second, answers);
  if (head === "contains") return Array.isArray(left) && left.some((part) => equal(part, right) === true);
  if (head === "and" || head === "or") return logic(head, left, right);
  return head in ordered || head === "=" || head === "!=" ? compare(head, left, right) : calculate(head, left, right);
}

// --- reading the page -----------------------------------------------------------------------------------------------

const scopeOf = (element, root) => element.parentElement.closest("[data-row]") ?? root;
const own = (scope, root, selector) =>
  [...scope.querySelectorAll(selector)].filter((element) => scopeOf(element, root) === scope);

function numberOf(text) {
  const narrow = text.normalize("NFKC").replace(/[,\s]/g, "");
  return /^[+-]?\d{1,15}(\.\d{1,10})?$/.test(narrow) ? Number(narrow) : null;
}

function answerOf(part, root) {
  const { kind } = part.dataset;
  if (part.dataset.value !== undefined) return JSON.parse(part.dataset.value);
  if (part.dataset.computedValue !== undefined) return JSON.parse(part.dataset.computedValue);
  if (kind === "dynamiclist") return rowsOf(part).filter((row) => isFilled(row, root)).map((row) => answersOf(row, root));
  const inputs = [...part.querySelectorAll("input, select, textarea")];
  if (kind === "checkbox") return inputs.some((input) => input.checked);
  if (kind === "radio") return plain(inputs.find((input) => input.checked)?.value);
  if (kind === "checklist" || kind === "taglist") return inputs.filter((input) => input.checked).map((input) => input.value);
  if (kind === "filepicker") return inputs.filter((input) => input.type === "hidden").map((input) => Number(input.value));
  const text = inputs[0]?.value.trim() ?? "";
  return kind === "number" ? numberOf(text) : plain(text);
}

const isHidden = (part, scope) => {
  const hidden = (part.querySelector(":scope > [data-cell]") ?? part).closest("[hidden]");
  return hidden !== null && hidden !== scope && scope.contains(hidden);
};

function answersOf(scope, root) {
  const answers = {};
  for (const part of own(scope, root, "[data-answer]")) {
    answers[part.dataset.answer] = isHidden(part, scope) ? null : answerOf(part, root);
  }
  return answers;
}

const isFilled = (row, root) =>
  own(row, root, "[data-answer]:not([data-compute])").some((part) => {
    const value = answerOf(part, root);
    return value !== null && value !== false && !(Array.isArray(value) && !value.length);
  });

const rowsOf = (part) => [...part.querySelectorAll("[data-rows] > [data-row]")];

// --- showing what follows from the answers --------------------------------------------------------------------------

const written = (value, digits) =>
  value === null
    ? "—"
    : value.toLocaleString("en-US", { minimumFractionDigits: digits ?? 0, maximumFractionDigits: digits ?? 10 });

function settleScope(scope, root, around) {
  const answers = { ...around, ...answersOf(scope, root) };
  let changed = false;
  for (const part of own(scope, root, "[data-hide-if]")) {
    // A cell keeps its place in the table, only its content goes.
    const target = part.querySelector(":scope > [data-cell]") ?? part;
    const hide = evaluate(JSON.parse(part.dataset.hideIf), answers) === true;
    changed ||= target.hidden !== hide;
    target.hidden = hide;
  }
  for (const part of own(scope, root, "[data-compute]")) {
    const digits = part.dataset.digits === "" ? undefined : Number(part.dataset.digits);
    const exact = evaluate(JSON.parse(part.dataset.compute), answers);
    const value = isNumber(exact) ? Number(exact.toFixed(digits ?? 10)) : null;
    const shown = JSON.stringify(value);
    changed ||= part.dataset.computedValue !== shown;
    part.dataset.computedValue = shown;
    part.querySelector("[data-computed]").textContent = written(value, digits);
  }
  for (const table of own(scope, root, '[data-kind="dynamiclist"]')) {
    for (const row of rowsOf(table)) changed = settleScope(row, root, answers) || changed;
  }
  return changed;
}

function markRequired(scope, root, around) {
  const answers = { ...around, ...answersOf(scope, root) };
  for (const part of own(scope, root, "[data-required-if]")) {
    const required = evaluate(JSON.parse(part.dataset.requiredIf), answers) === true;
    part.querySelector("[data-label-of]")?.classList.toggle("required", required);
    for (const star of part.querySelectorAll("[data-star]")) star.hidden = !required;
    for (const input of part.querySelectorAll("input:not([type=hidden]):not([type=radio]), select, textarea")) {
      if (required) input.setAttribute("aria-required", "true");
      else input.removeAttribute("aria-required");
    }
  }
  for (const table of own(scope, root, '[data-kind="dynamiclist"]')) {
    for (const row of rowsOf(table)) markRequired(row, root, answers);
    for (const total of table.querySelectorAll("[data-total]")) {
      const rows = rowsOf(table).map((row) => answersOf(row, root));
      total.textContent = written(evaluate(["sum", ["path", "rows", total.dataset.total]], { rows }), Number(total.dataset.digits));
    }
  }
}

function settle(root) {
  const limit = root.querySelectorAll("[data-answer]").length + 2;
  for (let round = 0; round < limit && settleScope(root, root, {}); round += 1);
  markRequired(root, root, {});
}

// --- rows and files -------------------------------------------------------------------------------------------------

function renumber(table) {
  const rows = rowsOf(table);
  rows.forEach((row, index) => {
    for (const place of row.querySelectorAll("[data-row-number]")) place.textContent = index + 1;
  });
  table.querySelector("[data-add-row]").disabled = rows.length >= Number(table.dataset.maxRows);
}

function addRow(table) {
  const indexes = rowsOf(table).map((row) => Number(row.querySelector("[data-remove-row]").value.split(":").pop()));
  const index = Math.max(-1, ...indexes) + 1;
  const row = table.querySelector("[data-row-template]").content.querySelector("[data-row]").cloneNode(true);
  for (const element of [row, ...row.querySelectorAll("*")]) {
    for (const attribute of ["name", "id", "for", "value", "aria-describedby"]) {
      const value = element.getAttribute(attribute);
      if (value?.includes("__index__")) element.setAttribute(attribute, value.replaceAll("__index__", String(index)));
    }
  }
  table.querySelector("[data-rows]").append(row);
  renumber(table);
  row.querySelector("input, select, textarea")?.focus();
}

function removeRow(table, button) {
  const row = button.closest("[data-row]");
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  renumber(table);
  (next?.querySelector("[data-remove-row]") ?? table.querySelector("[data-add-row]")).focus();
}

function warnOfSize(input) {
  const limit = Number(input.dataset.maxSize);
  const large = [...input.files].filter((file) => file.size > limit * 1024 * 1024);
  input.setCustomValidity(large.length ? `“${large[0].name}”超过 ${limit} MB，请换小一点的文件。` : "");
  if (large.length) input.reportValidity();
}

// The form is sent without the browser's own checks; only a file that will be refused is not worth the wait.
function holdLargeFiles(root) {
  root.closest("form")?.addEventListener("submit", (event) => {
    const input = [...root.querySelectorAll("input[type=file]")].find((one) => one.validationMessage);
    if (!input) return;
    event.preventDefault();
    input.reportValidity();
  });
}

function start(root) {
  if (root.dataset.started) return;
  root.dataset.started = "yes";
  holdLargeFiles(root);
  root.addEventListener("input", () => settle(root));
  root.addEventListener("change", (event) => {
    if (event.target.type === "file") warnOfSize(event.target);
    settle(root);
  });
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add-row], [data-remove-row], [data-drop-file]");
    if (!button) return;
    event.preventDefault();
    const table = button.closest("[data-table]");
    if (button.matches("[data-add-row]")) addRow(table);
    else if (button.matches("[data-remove-row]")) removeRow(table, button);
    else dropFile(button);
    settle(root);
    root.dispatchEvent(new Event("change", { bubbles: true }));
  });
  settle(root);
}

function dropFile(button) {
  const input = button.closest("[data-answer]").querySelector("input[type=file]");
  button.closest("[data-file]").remove();
  input.focus();
}

export function startForms(within) {
  for (const root of within.querySelectorAll("[data-form]")) start(root);
}

if (typeof document !== "undefined") {
  const ready = () => startForms(document);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready);
  else ready();
  document.addEventListener("htmx:load", (event) => startForms(event.target.parentElement ?? document));
}
