/** What a browser sees of an app: node visit.mjs picture URL FILE, or node visit.mjs sign-up URL FILE. */

import { createRequire } from "node:module";

const { chromium } = createRequire(`${process.cwd()}/package.json`)("@playwright/test");
const [task, url, file] = process.argv.slice(2);
const faults = [];

const visits = {
  async picture(page) {
    await page.goto(url);
    await page.screenshot({ path: file, fullPage: true });
  },
  async "sign-up"(page) {
    await page.goto(`${url}/ml/sign-in`);
    await page.getByRole("button", { name: "Create one" }).click();
    await page.getByLabel("Email").fill("owner@host.example.com");
    await page.getByLabel("Password").fill("correct horse battery staple");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByRole("navigation").getByRole("link", { name: "Data sets" }).click();
    await page.getByText("No data sets yet").waitFor();
    await page.screenshot({ path: file, fullPage: true });
    await page.reload(); // the session is the app's own, and is kept
    await page.getByText("No data sets yet").waitFor();
  },
};

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH,
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
page.on("pageerror", (error) => faults.push(error.stack));
page.on("console", (message) => {
  if (["error", "warning"].includes(message.type())) faults.push(message.text());
});
await visits[task](page);
await browser.close();
if (faults.length) throw new Error(faults.join("\n"));
