// Shows what the page says now, without losing where the reader is. Everything works without this.
"use strict";
(() => {
  const note = document.getElementById("refresh");
  const seconds = Number(note && note.dataset.seconds);
  const local = () => {
    for (const time of document.querySelectorAll("time")) {
      time.title = new Date(time.dateTime).toLocaleString(document.documentElement.lang);
    }
  };
  const isBusy = () => {
    const main = document.querySelector("main");
    const selected = document.getSelection();
    return document.hidden || main.contains(document.activeElement) || (selected && !selected.isCollapsed);
  };
  const refresh = async () => {
    if (isBusy()) {
      return;
    }
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(20000) });
      if (!answer.ok) {
        throw new Error(answer.status);
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (isBusy()) {
        return;
      }
      const open = new Set([...document.querySelectorAll("main details[open]")].map((one) => one.id));
      document.querySelector("main").replaceWith(page.querySelector("main"));
      document.querySelector("#as-of").replaceWith(page.querySelector("#as-of"));
      document.title = page.title;
      for (const one of document.querySelectorAll("main details")) {
        one.open = one.open || (one.id !== "" && open.has(one.id));
      }
      note.hidden = true;
      local();
    } catch {
      note.hidden = false;
    }
  };
  local();
  if (seconds > 0) {
    setInterval(refresh, seconds * 1000);
    document.addEventListener("visibilitychange", refresh);
  }
})();
