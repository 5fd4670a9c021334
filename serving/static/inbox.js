// Keeps the messages on a page up to date. The page is whole without it: what it shows comes from the server,
// as the page itself did, and nothing is kept here.
"use strict";
(() => {
  const box = document.querySelector("[data-inbox]");
  const news = document.querySelector("[data-inbox-news]");
  if (!box || !news || !window.EventSource) return;
  const PATIENCE = 5;
  const WAIT = 30000;
  let failures = 0;
  let wanted = box.dataset.mark;
  let unread = null;

  async function bringUpToDate() {
    // Whoever is in the middle of it, by keyboard or with a fold open, is not thrown out.
    if (box.contains(document.activeElement) || wanted === box.dataset.mark) return;
    const mark = wanted;
    const answer = await fetch(box.dataset.part, { headers: { Accept: "text/html" }, redirect: "error" });
    if (!answer.ok) return;
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    const open = [...box.querySelectorAll("details[open]")].map((one) => one.closest("li").id);
    box.replaceChildren(...parsed.body.childNodes);
    for (const id of open) {
      const again = document.getElementById(id)?.querySelector("details");
      if (again) again.open = true;
    }
    box.dataset.mark = mark;
  }

  let source = null;

  function listen() {
    // A page nobody looks at holds no connection: browsers have few of them for all tabs together.
    if (source || document.hidden) return;
    source = new EventSource(box.dataset.stream);
    source.addEventListener("state", (event) => {
      failures = 0;
      const state = JSON.parse(event.data);
      wanted = state.mark;
      if (unread !== null && state.unread > unread) {
        news.textContent = box.dataset.said.replace("{n}", String(state.unread));
      }
      unread = state.unread;
      bringUpToDate().catch(() => {});
    });
    source.addEventListener("error", () => {
      // The browser comes back by itself, unless the server said no.
      if (!source || source.readyState !== EventSource.CLOSED) return;
      source = null;
      failures += 1;
      if (failures <= PATIENCE) setTimeout(listen, WAIT * failures);
    });
  }

  function rest() {
    source?.close();
    source = null;
  }

  box.addEventListener("focusout", () => setTimeout(() => bringUpToDate().catch(() => {}), 0));
  document.addEventListener("visibilitychange", () => (document.hidden ? rest() : listen()));
  addEventListener("pagehide", rest);
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  listen();
})();
