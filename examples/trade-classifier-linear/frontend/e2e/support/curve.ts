import type { Locator } from "@playwright/test";

/** What a chart says of its line, to those who do not see it as well. */
export async function newestStep(chart: Locator): Promise<number> {
  const [, step = ""] = /at step ([\d,]+)/.exec(await chart.innerText()) ?? [];
  return Number(step.replaceAll(",", ""));
}

/** Of the longest line that is drawn. */
export async function drawnPoints(chart: Locator): Promise<number> {
  const lines = await chart
    .locator("path")
    .evaluateAll((paths) => paths.map((path) => path.getAttribute("d") ?? ""));
  return Math.max(0, ...lines.map((line) => line.match(/[MLC]/g)?.length ?? 0));
}
