import { defineConfig } from "@playwright/test";
import { SESSION } from "./e2e/support/prepared";

const isRoot = process.getuid?.() === 0; // for whom Chromium starts without its sandbox only

/** Runs against web pages, a backend and a worker that are up: see "Tests" in README.md. */
export default defineConfig({
  testDir: "e2e",
  timeout: 60_000,
  expect: { timeout: 15_000 },
  fullyParallel: true,
  workers: 2,
  forbidOnly: !!process.env.CI,
  reporter: [["list"], ["html", { open: "never" }]],
  use: {
    baseURL: process.env.WEB_URL ?? "http://localhost:3000",
    locale: "en-US",
    timezoneId: "UTC",
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    // No snapshots: they need a script in every frame, and the frame of a report permits none.
    trace: { mode: "retain-on-failure", snapshots: false },
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH,
      args: isRoot ? ["--no-sandbox"] : [],
    },
  },
  projects: [
    { name: "story", testMatch: "story.spec.ts" },
    { name: "prepare", testMatch: "setup.ts" },
    {
      name: "pages",
      testMatch: ["accessibility.spec.ts", "pictures.spec.ts", "privacy.spec.ts"],
      dependencies: ["prepare"],
      use: { storageState: SESSION },
    },
  ],
});
