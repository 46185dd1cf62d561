import { readFileSync } from "node:fs";

/** What setup.ts leaves to the tests of the pages: a signed-in browser, and where its user's things are. */

export const SESSION = "node_modules/.cache/e2e/session.json";
export const PREPARED = "node_modules/.cache/e2e/prepared.json";

export type Prepared = {
  email: string;
  password: string;
  model: string;
  dataset: string;
  faultyDataset: string;
  training: string;
  batch: string;
};

export const prepared = (): Prepared => JSON.parse(readFileSync(PREPARED, "utf8"));
