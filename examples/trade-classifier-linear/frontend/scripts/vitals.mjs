/**
 * How fast each page is on a small phone, by Lighthouse: `npm run vitals`, while all of it runs.
 *
 * Lighthouse comes by npx: 176 MB that nothing else needs. Times depend on the machine that measures.
 */

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "@playwright/test";

const LIGHTHOUSE = "lighthouse@13.5.0";
const URL = process.env.WEB_URL ?? "http://localhost:3000";
const USER = { email: process.env.E2E_EMAIL, password: process.env.E2E_PASSWORD };
const SIGNED_IN = "/ml"; // from here on
const PAGES = [
  "/ml/sign-in",
  SIGNED_IN,
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
  {
    title: "requests",
    of: ({ audits }) => audits["network-requests"].details.items.length,
    most: 50,
  },
  { title: "kB", of: audit("total-byte-weight", 1000), most: 450 },
];

const program = process.env.CHROMIUM_PATH ?? chromium.executablePath();
const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
const profile = mkdtempSync(join(tmpdir(), "vitals-"));
const port = await freePort();
const isOver = [];

print(["page", ...COLUMNS.map(({ title }) => title)]);
for (const page of PAGES) {
  if (page === SIGNED_IN) await signIn();
  const browser = spawn(program, [
    ...args,
    "--headless=new",
    `--remote-debugging-port=${port}`,
    `--user-data-dir=${profile}`,
  ]);
  await answers(port);
  const report = examine(page);
  browser.kill();
  await once(browser, "exit");
  const values = COLUMNS.map(({ of }) => of(report));
  const over = COLUMNS.filter(
    ({ least = 0, most = Infinity }, at) => values[at] < least || values[at] > most,
  );
  isOver.push(...over);
  print([
    page,
    ...values.map((value) => value.toFixed(value < 10 ? 2 : 0)),
    ...over.map(({ title }) => `! ${title}`),
  ]);
}
rmSync(profile, { recursive: true, force: true });
process.exitCode = isOver.length ? 1 : 0;

/** The session stays in the profile. */
async function signIn() {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: program,
    args,
  });
  const page = await context.newPage();
  await page.goto(`${URL}/ml/sign-in`);
  await page.getByLabel("Email").fill(USER.email);
  await page.getByLabel("Password").fill(USER.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`${URL}/ml`);
  await context.close();
}

async function answers(port) {
  const isUp = () =>
    fetch(`http://127.0.0.1:${port}/json/version`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isUp())) await sleep(100);
}

function examine(page) {
  const file = join(profile, "report.json");
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
