import { expect, type Page } from "./test";

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };
export const NARROW = { width: 360, height: 740 };
export const THEMES = ["light", "dark"] as const;

/** Open a page, and wait until all that it loads is there. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await settle(page);
}

export async function settle(page: Page): Promise<void> {
  await expect(page.getByRole("status", { name: /^(Loading|Signing in)/ })).toHaveCount(0);
  await expect(page.locator("[aria-hidden].animate-pulse.bg-muted")).toHaveCount(0); // skeletons
}
