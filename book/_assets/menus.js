// The menus in the bar of a page, such as that of downloads: open by click or keyboard, closed by either or elsewhere.
"use strict";

(() => {
  const buttons = [...document.querySelectorAll('[data-bs-toggle="dropdown"]')];
  const menu = (button) => button.parentElement.querySelector(".dropdown-menu");
  const items = (button) => [...menu(button).querySelectorAll("a, button")];
  const set = (button, open) => {
    menu(button).classList.toggle("show", open);
    button.setAttribute("aria-expanded", open);
  };
  const isOpen = (button) => menu(button).classList.contains("show");

  document.addEventListener("click", ({ target }) => {
    for (const button of buttons) set(button, button.contains(target) && !isOpen(button));
  });
  document.addEventListener("keydown", (event) => {
    const button = buttons.find((button) => button.parentElement.contains(event.target));
    if (event.key === "Escape") {
      if (button && isOpen(button)) button.focus();
      for (const button of buttons) set(button, false);
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!button || !step) return;
    event.preventDefault();
    set(button, true);
    const all = items(button);
    all.at((all.indexOf(event.target) + step + (step < 0 && event.target === button ? 1 : 0)) % all.length).focus();
  });
  for (const button of buttons)
    button.parentElement.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !button.parentElement.contains(relatedTarget)) set(button, false);
    });
})();
