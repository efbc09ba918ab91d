// On every page: Tabler's menus, htmx, and four small conveniences. Every page works without this file.
import "@tabler/core/dist/js/tabler.esm.js";
import htmx from "htmx.org";

window.htmx = htmx;

document.body?.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = document.querySelector('meta[name="csrf-token"]').content;
});

// Asks once before something that cannot be undone.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset?.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

// A second click while the first is under way sends nothing; going back makes the buttons work again.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post" || event.target.dataset.resubmit === "yes") return;
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (form.hasAttribute("hx-post")) return;
  form.dataset.sent = "yes";
  window.setTimeout(() => delete form.dataset.sent, 10_000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// What is wrong in a form is read first.
document.querySelector("[data-error-summary]")?.focus();

// The demo's list of people on the login page.
for (const button of document.querySelectorAll("[data-fill-username]")) {
  button.addEventListener("click", () => {
    document.getElementById("username").value = button.dataset.fillUsername;
    document.getElementById("password").value = button.dataset.fillPassword;
    document.getElementById("username").form.requestSubmit();
  });
}
