// A case on its diagram. Without this script the step table on the same page says the same.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

const SMALLEST = 0.7; // below this nobody can read the labels: show a part, centred on where the case stands
const LARGEST = 1.1;
const MARGIN = 24;
const LONGEST = 12; // letters of a label on the drawing

function label(className, text, whole) {
  const box = document.createElement("div");
  box.className = `mark-label ${className}`;
  box.textContent = text;
  box.title = whole;
  return box;
}

// 12315投诉举报中心·中心经办人（待领） -> 中心经办人: the whole would lie on the neighbour's label.
function brief(people) {
  const names = people.split("、").map((name) => name.replace(/（待领）$/, "").split("·").pop());
  const letters = Array.from(names.join("、"));
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST - 1).join("")}…` : letters.join("");
}

function mark(viewer, data) {
  const canvas = viewer.get("canvas");
  const known = viewer.get("elementRegistry");
  const put = (id, marker) => known.get(id) && canvas.addMarker(id, marker);
  // Not the root: its marker would colour everything below it.
  const isNode = (element) => element.parent && !element.waypoints && !element.labelTarget;
  known.filter(isNode).forEach((element) => canvas.addMarker(element.id, "mark-ahead"));
  for (const id of data.flows) put(id, "mark-flow");
  for (const [state, ids] of Object.entries({ done: data.done, skipped: data.skipped, failed: data.failed })) {
    for (const id of ids) put(id, `mark-${state}`);
  }
  for (const { node } of data.current) put(node, known.get(node)?.children?.length ? "mark-current-frame" : "mark-current");
}

function annotate(viewer, data) {
  const overlays = viewer.get("overlays");
  const known = viewer.get("elementRegistry");
  const above = (id, html) => known.get(id) && overlays.add(id, { position: { top: -20, left: 0 }, html });
  const standing = new Set(data.current.map(({ node }) => node));
  for (const [id, visit] of Object.entries(data.visits)) {
    const times = visit.times > 1 ? ` · 第${visit.times}次` : "";
    if (!standing.has(id)) {
      above(id, label("mark-visit", `${brief(visit.who)} ${visit.on}${times}`, `${visit.who} ${visit.on}${times}`));
    };
  }
  for (const { node, people } of data.current) if (people) above(node, label("mark-people", brief(people), people));
  for (const [id, link] of Object.entries(data.links)) {
    const anchor = document.createElement("a");
    anchor.className = "mark-link";
    anchor.href = link;
    anchor.textContent = "看子流程";
    if (known.get(id)) overlays.add(id, { position: { top: -12, right: 62 }, html: anchor });
  }
}

// At first a part that can be read, where it does not all go in; asked for the width, all of it, however small.
function fit(viewer, holder, data, smallest = SMALLEST) {
  const canvas = viewer.get("canvas");
  const { inner } = canvas.viewbox();
  const width = holder.clientWidth;
  const whole = (width - 2 * MARGIN) / inner.width;
  const scale = Math.min(LARGEST, Math.max(smallest, whole));
  holder.style.height = `${Math.max(200, Math.min(560, inner.height * scale + 2 * MARGIN))}px`;
  canvas.resized();
  const shown = { width: width / scale, height: holder.clientHeight / scale };
  const place = data.current.length && viewer.get("elementRegistry").get(data.current[0].node);
  let x = inner.x - (shown.width - inner.width) / 2;
  if (whole < smallest) {
    const wanted = place ? place.x + place.width / 2 - shown.width / 2 : inner.x - MARGIN;
    x = Math.max(inner.x - MARGIN, Math.min(wanted, inner.x + inner.width + MARGIN - shown.width));
  }
  const high = inner.height + (2 * MARGIN) / scale > shown.height + 1;
  let y = inner.y - (shown.height - inner.height) / 2;
  if (high) {
    const wanted = place ? place.y + place.height / 2 - shown.height / 2 : inner.y - MARGIN;
    y = Math.max(inner.y - MARGIN, Math.min(wanted, inner.y + inner.height + MARGIN - shown.height));
  }
  canvas.viewbox({ x, y, ...shown });
}

// A finger moves the diagram sideways and the page up and down; the library itself only knows the mouse.
function dragByTouch(viewer, holder) {
  let last = null;
  holder.addEventListener("pointerdown", (event) => { last = event.pointerType === "touch" ? event : null; });
  holder.addEventListener("pointermove", (event) => {
    if (!last || event.pointerId !== last.pointerId) return;
    viewer.get("canvas").scroll({ dx: event.clientX - last.clientX, dy: event.clientY - last.clientY });
    last = event;
  });
  for (const end of ["pointerup", "pointercancel"]) holder.addEventListener(end, () => { last = null; });
}

// The wheel scrolls the page until somebody works in the diagram; otherwise the page would stop under the mouse.
function wheelOnlyInside(viewer, holder) {
  const wheel = viewer.get("zoomScroll");
  holder.addEventListener("focusin", () => wheel.toggle(true));
  holder.addEventListener("focusout", () => wheel.toggle(false));
}

function toolbar(viewer, box, holder, data) {
  const step = (factor) => {
    const canvas = viewer.get("canvas");
    canvas.zoom(Math.max(0.2, Math.min(3, canvas.zoom() * factor)), "auto");
  };
  const here = () => fit(viewer, holder, data);
  const actions = { in: () => step(1.25), out: () => step(0.8), fit: () => fit(viewer, holder, data, 0), here };
  for (const button of box.querySelectorAll("[data-diagram-zoom]")) {
    button.addEventListener("click", actions[button.dataset.diagramZoom]);
    if (button.dataset.diagramZoom === "here") button.hidden = !data.current.length;
  }
}

async function show(box) {
  if (box.dataset.diagramShown) return;
  box.dataset.diagramShown = "yes";
  const holder = box.querySelector("[data-diagram-canvas]");
  const note = box.querySelector("[data-diagram-note]");
  try {
    const answer = await fetch(box.dataset.diagramUrl, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const data = await answer.json();
    const viewer = new NavigatedViewer({ container: holder, zoomScroll: { enabled: false } });
    await viewer.importXML(data.xml);
    mark(viewer, data);
    annotate(viewer, data);
    fit(viewer, holder, data);
    toolbar(viewer, box, holder, data);
    dragByTouch(viewer, holder);
    wheelOnlyInside(viewer, holder);
    describe(holder, box);
    note.remove();
    box.dataset.diagramReady = "yes";
    let width = holder.clientWidth;
    new ResizeObserver(() => {
      if (holder.clientWidth === width) return;
      width = holder.clientWidth;
      if (width) fit(viewer, holder, data);
    }).observe(holder);
  } catch (problem) {
    note.textContent = "流程图暂时无法显示，请看下面的步骤表。";
    console.error(problem);
  }
}

function describe(holder, box) {
  const drawing = holder.querySelector("svg[tabindex]") || holder.querySelector("svg");
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", box.dataset.diagramLabel);
}

// A drawing in a closed <details> has no width yet: wait until it is opened.
function arrange(root) {
  for (const box of root.querySelectorAll("[data-diagram-url]")) {
    const folded = box.closest("details");
    if (folded && !folded.open) folded.addEventListener("toggle", () => folded.open && show(box), { once: true });
    else show(box);
  }
}

document.addEventListener("htmx:load", (event) => arrange(event.target));
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => arrange(document));
else arrange(document);
