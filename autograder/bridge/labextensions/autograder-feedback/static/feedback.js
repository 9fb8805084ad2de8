/* A prebuilt extension of JupyterLab 4, written as it is loaded: nothing is compiled or bundled.

nbgrader's assignment list fetches feedback, and its "(view feedback)" shows the folder. This adds what is missing:

1. the pages in that folder are opened;
2. links within a page stay in the page, which JupyterLab shows in a frame without scripts;
3. beside each link to a cell, a button opens that cell in the student's own notebook, at the line.

The page carries the words, in its language, and the names of its cells: autograder/reports/student_page/. Whatever else
stands in a page is only shown. Format of a prebuilt extension:
https://jupyterlab.readthedocs.io/en/stable/extension/extension_dev.html#prebuilt-extensions
*/
(() => {
  "use strict";
  const NAME = "autograder-feedback";
  // where nbgrader's fetch_feedback puts a page: ASSIGNMENT/feedback/TIME OF THE SUBMISSION/NOTEBOOK.html
  const FOLDER = /(^|\/)feedback\/\d{4}-\d\d-\d\d [^/]+$/;
  const PAGE = /^(|.*\/)feedback\/\d{4}-\d\d-\d\d [^/]+\/([^/]+)\.html$/;

  async function openPages(app, folder) {
    const found = await app.serviceManager.contents.get(folder);
    for (const file of found.content || []) {
      if (PAGE.test(file.path)) await app.commands.execute("docmanager:open", { path: file.path, factory: "HTML Viewer" });
    }
  }

  const say = (app, message) => app.commands.execute("apputils:notify", { message, type: "warning", options: { autoClose: 10000 } });

  /* The index of a cell of the student's: by its name in nbgrader, which is fixed, otherwise by its id; -1 if it is gone. */
  function indexOf(cells, { cell, task }) {
    const byTask = task ? cells.findIndex(one => (one.model.getMetadata("nbgrader") || {}).grade_id === task) : -1;
    return byTask >= 0 || !cell ? byTask : cells.findIndex(one => one.model.id === cell);
  }

  async function openCell(app, path, place, words) {
    try {
      await app.serviceManager.contents.get(path, { content: false });
    } catch (error) {
      return say(app, words.noNotebook.replace("{path}", path));
    }
    const panel = await app.commands.execute("docmanager:open", { path, factory: "Notebook" });
    if (!panel || !panel.content || !panel.context) return; // Jupyter Notebook 7 opens a tab of the browser
    await Promise.all([panel.revealed, panel.context.ready]);
    const notebook = panel.content;
    const index = indexOf(notebook.widgets, place);
    if (index < 0) return say(app, words.noCell.replace("{path}", path));
    app.shell.activateById(panel.id);
    notebook.deselectAll();
    notebook.activeCellIndex = index;
    await notebook.scrollToItem(index, "start");
    const line = Number(place.line);
    if (!line || notebook.activeCell.model.type !== "code") return;
    await notebook.activeCell.ready;
    notebook.mode = "edit";
    const position = { line: Math.min(line, notebook.activeCell.editor.lineCount) - 1, column: 0 };
    notebook.activeCell.editor.setCursorPosition(position);
    notebook.activeCell.editor.revealPosition(position);
  }

  function jump(page, id) {
    const target = page.getElementById(id);
    if (!target) return;
    for (let above = target; above; above = above.parentElement) if (above.tagName === "DETAILS") above.open = true;
    target.scrollIntoView();
    target.tabIndex = -1; // so that the keyboard goes on from there
    target.focus({ preventScroll: true });
  }

  function addButtons(page, label) {
    for (const link of page.querySelectorAll("a[data-cell]")) {
      const button = page.createElement("button");
      button.type = "button";
      button.className = "in-notebook";
      Object.assign(button.dataset, link.dataset);
      button.append(label, ...[...link.querySelectorAll(".unseen")].map(one => one.cloneNode(true)));
      link.after(" ", button);
    }
  }

  function follow(app, page, notebook) {
    const words = page && page.body ? page.body.dataset : {};
    if (!words.inNotebook) return; // another kind of page
    addButtons(page, words.inNotebook);
    page.addEventListener("click", event => {
      const clicked = event.target.closest("a[href^='#'], button.in-notebook");
      if (!clicked) return;
      event.preventDefault();
      if (clicked.tagName === "BUTTON") openCell(app, notebook, clicked.dataset, words);
      else jump(page, clicked.getAttribute("href").slice(1));
    });
  }

  const viewer = app => ({
    createNew(widget, context) {
      const [, assignment, name] = PAGE.exec(context.path) || [];
      const frame = widget.content.node.querySelector("iframe");
      const loaded = () => follow(app, frame.contentDocument, `${assignment}${name}.ipynb`);
      if (name !== undefined && frame) frame.addEventListener("load", loaded);
      return { isDisposed: false, dispose() { if (frame) frame.removeEventListener("load", loaded); } };
    }
  });

  const plugin = {
    id: `${NAME}:plugin`,
    description: "Opens the pages of feedback, and the cells that they name.",
    autoStart: true,
    activate(app) {
      app.docRegistry.addWidgetExtension("HTML Viewer", viewer(app));
      app.commands.commandExecuted.connect((_, { id, args }) => {
        if (id === "filebrowser:go-to-path" && FOLDER.test(args.path)) openPages(app, args.path);
      });
    }
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB[NAME] = { init() {}, get: async () => () => ({ __esModule: true, default: plugin }) };
})();
