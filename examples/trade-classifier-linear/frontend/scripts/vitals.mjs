/**
 * How fast each page is on a small phone, by Lighthouse: `npm run vitals`, while all of it runs.
 *
 * Lighthouse comes by npx: 176 MB that nothing else needs. Times depend on the machine that measures.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";

const LIGHTHOUSE = "lighthouse@13.5.0";
const URL = process.env.WEB_URL ?? "http://localhost:3000";
const USER = { email: process.env.E2E_EMAIL, password: process.env.E2E_PASSWORD };
const PAGES = [
  "/ml/sign-in",
  "/ml",
  "/ml/datasets",
  "/ml/train",
  "/ml/jobs",
  "/ml/models",
  "/ml/predict",
  "/ml/predictions",
];
const COLUMNS = [
  { title: "speed", of: ({ categories }) => 100 * categories.performance.score, least: 80 },
  { title: "access", of: ({ categories }) => 100 * categories.accessibility.score, least: 100 },
  { title: "paint s", of: audit("largest-contentful-paint", 1000), most: 3 },
  { title: "blocked s", of: audit("total-blocking-time", 1000), most: 0.6 },
  { title: "shift", of: audit("cumulative-layout-shift", 1), most: 0.05 },
  { title: "requests", of: ({ audits }) => requests(audits).length, most: 50 },
  { title: "kB", of: audit("total-byte-weight", 1000), most: 450 },
];

const folder = mkdtempSync(join(tmpdir(), "vitals-"));
const port = await freePort();
const browser = await chromium.launchPersistentContext(folder, {
  executablePath: process.env.CHROMIUM_PATH,
  args: [`--remote-debugging-port=${port}`, ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
});
try {
  print(["page", ...COLUMNS.map(({ title }) => title)]);
  for (const page of PAGES) {
    if (page === PAGES[1]) await signIn();
    const report = examine(page);
    const found = COLUMNS.map((column) => ({ ...column, value: column.of(report) }));
    const isOver = found.some(
      ({ value, least = -Infinity, most = Infinity }) => value < least || value > most,
    );
    print([
      page,
      ...found.map(({ value }) => value.toFixed(value < 10 ? 2 : 0)),
      isOver ? "over budget" : "",
    ]);
    if (isOver) process.exitCode = 1;
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}

/** In the browser that Lighthouse then drives. */
async function signIn() {
  const page = await browser.newPage();
  await page.goto(`${URL}/ml/sign-in`);
  await page.getByLabel("Email").fill(USER.email);
  await page.getByLabel("Password").fill(USER.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`${URL}/ml`);
  await page.close();
}

function examine(page) {
  const file = join(folder, "report.json");
  const options = [
    "--quiet",
    "--disable-storage-reset",
    "--no-enable-error-reporting",
    "--output=json",
  ];
  const command = [LIGHTHOUSE, URL + page, `--port=${port}`, `--output-path=${file}`, ...options];
  const done = spawnSync("npx", ["--yes", ...command], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(done.stderr);
  return JSON.parse(readFileSync(file, "utf8"));
}

function audit(name, unit) {
  return ({ audits }) => audits[name].numericValue / unit;
}

function requests(audits) {
  return audits["network-requests"].details.items;
}

function print(cells) {
  console.log(cells.map((cell, at) => (at ? cell.padStart(10) : cell.padEnd(18))).join(""));
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
