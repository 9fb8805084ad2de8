// Opens pages in Chromium and checks them with axe-core; prints what it finds as JSON.
//
//   npm install --prefix FOLDER playwright-core axe-core
//   node axe.mjs FOLDER CHROMIUM PAGE.html...
//
// Every page is checked wide and narrow, light and dark, with everything opened. Besides axe's findings it prints what a
// page asked the network for, what a script in it would have said, and whether it is wider than a narrow screen.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, executablePath, ...pages] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${folder}/package.json`));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf-8");

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const found = [];
for (const page of pages) {
  for (const width of [1200, 400]) {
    for (const colorScheme of ["light", "dark"]) {
      // the page's own policy allows no script, and axe is one
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
      const tab = await context.newPage();
      const asked = [];
      const said = [];
      tab.on("request", (request) => asked.push(request.url()));
      tab.on("dialog", async (dialog) => { said.push(dialog.message()); await dialog.dismiss(); });
      tab.on("console", (message) => said.push(message.text()));
      await tab.goto(pathToFileURL(page).href);
      const wider = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      await tab.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
      await tab.evaluate(axe);
      const result = await tab.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
      const reached = [];
      for (let step = 0; step < 4; step += 1) {
        await tab.keyboard.press("Tab");
        reached.push(await tab.evaluate(() => document.activeElement?.tagName));
      }
      found.push({
        page, width, colorScheme, wider, said, reached,
        asked: asked.filter((url) => url !== pathToFileURL(page).href),
        passes: result.passes.length,
        violations: result.violations.map((one) => ({
          id: one.id, help: one.help, nodes: one.nodes.slice(0, 3).map((node) => node.html.slice(0, 200)), count: one.nodes.length,
        })),
      });
      await context.close();
    }
  }
}
await browser.close();
console.log(JSON.stringify(found));
