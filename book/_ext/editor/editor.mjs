// The editor of a cell: what page.js needs of CodeMirror, and no more.
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { Prec, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, keymap } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";

const mark = StateEffect.define();
const faulty = Decoration.line({ class: "live-faulty" });
const marked = StateField.define({
  create: () => Decoration.none,
  update(marks, transaction) {
    if (transaction.docChanged) marks = Decoration.none;
    for (const effect of transaction.effects)
      if (effect.is(mark)) marks = effect.value === null ? Decoration.none : Decoration.set(faulty.range(effect.value));
    return marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Tab leaves the editor, as the keyboard expects of a page; Enter indents, and so do Ctrl-] and Ctrl-[. */
export function editor({ parent, text, label, run, changed }) {
  const view = new EditorView({
    parent,
    doc: text,
    extensions: [
      history(),
      indentOnInput(),
      bracketMatching(),
      indentUnit.of("    "),
      python(),
      syntaxHighlighting(classHighlighter),
      marked,
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": label }),
      EditorView.updateListener.of((update) => update.docChanged && changed()),
      Prec.highest(keymap.of([{ key: "Shift-Enter", run: () => (run(), true) }])),
      keymap.of([...defaultKeymap, ...historyKeymap]),
    ],
  });
  return {
    text: () => view.state.doc.toString(),
    replace: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    /** Mark a line as faulty, counted from 1; null for none. */
    mark: (line) => {
      const known = line !== null && line <= view.state.doc.lines;
      view.dispatch({ effects: mark.of(known ? view.state.doc.line(line).from : null) });
    },
  };
}
