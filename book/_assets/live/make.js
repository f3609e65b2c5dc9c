// Elements of HTML, and files that are fetched when they are first needed.

export function make(tag, properties = {}, ...inside) {
  const { data = {}, ...own } = properties;
  const element = Object.assign(document.createElement(tag), own);
  Object.assign(element.dataset, data);
  element.append(...inside);
  return element;
}

export const button = (textContent, onclick, properties = {}) =>
  make("button", { type: "button", className: "live-button", textContent, onclick, ...properties });

const scripts = new Map();

/** Run a script of the book once. */
export function script(name) {
  const src = new URL(name, import.meta.url).href;
  if (!scripts.has(src))
    scripts.set(
      src,
      new Promise((resolve, reject) => {
        const onerror = () => {
          scripts.delete(src); // so that a later call tries again
          reject(new Error(`${name} could not be fetched`));
        };
        document.head.append(make("script", { src, onload: resolve, onerror }));
      }),
    );
  return scripts.get(src);
}
