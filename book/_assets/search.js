// The page of the search: hits say which statement they lead to, and excerpts are what a reader sees of the page.
"use strict";

(() => {
  const { htmlToText } = Search;
  const UNSEEN = ".katex-mathml, .live-bar, summary, button, .headerlink";
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const element of page.querySelectorAll(UNSEEN)) element.remove();
    return htmlToText(page.documentElement.outerHTML, anchor).replace(/\s+/g, " ");
  };

  // Of the names that lead to a place the longest says most, such as "Invariant" beside "Lemma 2.5".
  let places;
  const named = () => {
    places = new Map();
    const { indexentries, docnames } = Search._index;
    for (const [name, all] of Object.entries(indexentries))
      for (const [file, anchor] of all) {
        const place = `${docnames[file]}#${anchor}`;
        places.set(place, [...(places.get(place) ?? []), name]);
      }
  };
  Scorer.score = (hit) => {
    if (!places) named();
    const [page, , anchor, description, score] = hit;
    const found = anchor && places.get(page + anchor);
    if (found && !description) hit[3] = describe(found);
    return score;
  };
  const describe = (found) => {
    const numbered = found.filter((name) => /^(\(|(algorithm|assumption|condition|definition|figure|footnote|lemma|proposition|theorem) )/.test(name));
    const words = found.filter((name) => !/\d/.test(name));
    return [...numbered, ...words].map((name) => name[0].toUpperCase() + name.slice(1)).join(", ");
  };
})();
