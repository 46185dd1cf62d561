import { test as base, type ConsoleMessage } from "@playwright/test";

export { expect, type Page } from "@playwright/test";

const HERE = ["localhost", "127.0.0.1"];
const REFUSED = /^Failed to load resource: the server responded with a status of (\d+)/;

type Watched = {
  /** Statuses that a test provokes: browsers write every other failed answer to the console. */
  provoked: Set<number>;
};

/** Pages as users meet them: they ask no other machine, and their console stays empty. */
export const test = base.extend<Watched>({
  provoked: async ({}, provide) => provide(new Set()),
  context: async ({ context, provoked }, provide) => {
    const faults: string[] = [];
    await context.route(
      (url) => !HERE.includes(url.hostname),
      (route) => {
        faults.push(`asks another machine: ${route.request().url()}`);
        return route.abort();
      },
    );
    context.on("weberror", (error) => faults.push(`throws: ${error.error().stack}`));
    context.on("console", (message) => {
      if (isFault(message, provoked))
        faults.push(`says: ${message.text()} (${message.location().url})`);
    });
    await provide(context);
    base.expect(faults, "what the pages did that they should not").toEqual([]);
  },
});

function isFault(message: ConsoleMessage, provoked: Set<number>): boolean {
  if (!["error", "warning", "assert"].includes(message.type())) return false;
  const status = REFUSED.exec(message.text())?.[1];
  return !status || !provoked.has(Number(status));
}
