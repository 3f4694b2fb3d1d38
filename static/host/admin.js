// Landmarks for screen readers, which the admin's own pages leave out. Runs before simplebar takes the page's scrolling
// parts over, so that these get names in the page's language.

// Times in the zone of whoever looks; the server knows only its own.
function tellTimes() {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  for (const time of document.querySelectorAll("time[data-local]")) {
    time.textContent = format.format(new Date(/** @type {HTMLTimeElement} */ (time).dateTime));
  }
}

document.addEventListener("DOMContentLoaded", () => {
  tellTimes();
  (document.getElementById("main") ?? document.getElementById("page"))?.setAttribute("role", "main");
  const site = (document.title.split("|").pop() ?? "").trim();
  const sidebar = document.getElementById("nav-sidebar");
  sidebar?.setAttribute("role", "navigation");
  sidebar?.setAttribute("aria-label", site);
  const title = document.querySelector("h1")?.textContent?.trim().replace(/\s+/g, " ");
  for (const scrolling of document.querySelectorAll("[data-simplebar]")) {
    const name = scrolling.closest("#nav-sidebar") ? site : title;
    scrolling.setAttribute("data-simplebar-aria-label", name || document.title);
  }
});
