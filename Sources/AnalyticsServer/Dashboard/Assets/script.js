// Pages work without it. It shows a chart's figures at the pointer at once, sends the pickers when something was
// chosen from a list with the pointer, and lets events of the live page come in.
"use strict";

{
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.body.append(tip);

  // The browser's own tip comes late; without its title element it does not come as well.
  const textOf = (slot) => {
    const title = slot.querySelector("title");
    if (title) {
      slot.dataset.tip = title.textContent;
      title.remove();
    }
    return slot.dataset.tip;
  };
  document.addEventListener("pointermove", (event) => {
    const slot = event.target.closest?.(".slot");
    tip.hidden = !slot;
    if (!slot) return;
    tip.textContent = textOf(slot);
    const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
    tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, room))}px`;
    tip.style.top = `${Math.max(4, event.clientY - tip.offsetHeight - 10)}px`;
  });
  document.addEventListener("pointerleave", () => { tip.hidden = true; });
}

// What comes from the keyboard is sent by Enter or the button: a date changes with each of its digits, and a list with
// each step through it.
for (const list of document.querySelectorAll("form.range select")) {
  let isByPointer = false;
  list.addEventListener("pointerdown", () => { isByPointer = true; });
  list.addEventListener("keydown", () => { isByPointer = false; });
  list.addEventListener("change", () => {
    if (isByPointer && list.form.reportValidity()) list.form.requestSubmit();
  });
}

// A page that the browser restores shows the figures of its address, but its forms have the last choices.
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) form.reset();
});

for (const list of document.querySelectorAll("[data-live]")) {
  const rowsMax = 200;
  const state = document.querySelector("[data-live-state]");
  const source = new EventSource(list.dataset.live);
  source.onopen = () => { state.textContent = "Events appear as they are stored."; };
  source.onerror = () => {
    state.textContent = source.readyState === EventSource.CLOSED
      ? "The connection is closed: reload the page."
      : "The connection is lost; trying again.";
  };
  source.onmessage = (message) => {
    const event = JSON.parse(message.data);
    const row = document.createElement("tr");
    row.className = "new";
    for (const name of ["time", "type", "service", "user", "data"]) {
      const cell = document.createElement("td");
      if (name === "user" && event.user) {
        const link = document.createElement("a");
        link.href = `/dashboard/timeline?user=${encodeURIComponent(event.user)}`;
        link.textContent = event.user.slice(0, 8);
        cell.append(link);
      } else {
        cell.textContent = event[name] ?? "";
      }
      row.append(cell);
    }
    list.prepend(row);
    while (list.rows.length > rowsMax) list.lastElementChild.remove();
  };
}
