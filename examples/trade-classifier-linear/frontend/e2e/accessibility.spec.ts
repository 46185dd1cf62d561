import AxeBuilder from "@axe-core/playwright";
import { watchShifts } from "./support/layout-shift";
import { DESKTOP, NARROW, open, THEMES } from "./support/looks";
import { signUp, somebody } from "./support/people";
import { details, places } from "./support/places";
import { prepared } from "./support/prepared";
import { expect, type Page, test } from "./support/test";

const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const SHIFT = 0.05; // half of what counts as good

test.describe("with data", () => {
  for (const { name, path } of places) test(name, ({ page }) => examine(page, path));
  for (const { name, path } of details) test(name, ({ page }) => examine(page, path(prepared())));
});

test.describe("without data", () => {
  test.use({ storageState: { cookies: [], origins: [] } });

  test("all pages", async ({ page }) => {
    test.slow();
    await examine(page, "/ml/sign-in");
    await signUp(page, somebody());
    for (const { path } of places) await test.step(path, () => examine(page, path));
  });
});

test.describe("by keyboard", () => {
  test("the first key leads past the menu", async ({ page }) => {
    await open(page, "/ml/datasets");
    await page.keyboard.press("Tab");
    const skip = page.getByRole("link", { name: "Skip to the content" });
    await expect(skip).toBeFocused();
    await expect(skip).toBeInViewport();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await expect(page.getByRole("main").locator(":focus")).toBeVisible();
  });

  test("the menu leads to every page", async ({ page }) => {
    await open(page, "/ml/datasets");
    const models = page.getByRole("navigation").getByRole("link", { name: "Models" });
    while (!(await models.evaluate((link) => link === document.activeElement)))
      await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: "Models" })).toBeVisible();
    await expect(models).toHaveAttribute("aria-current", "page");
  });

  test("a dialog holds the focus and gives it back", async ({ page }) => {
    await open(page, "/ml/datasets");
    const trigger = page.getByRole("button", { name: "New data set" }).first();
    await trigger.press("Enter");
    const dialog = page.getByRole("dialog", { name: "New data set" });
    await expect(dialog.getByLabel("Name")).toBeFocused();
    for (let keys = 0; keys < 8; keys++) {
      await page.keyboard.press("Tab");
      await expect(dialog.locator(":focus")).toHaveCount(1);
    }
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await expect(trigger).toBeFocused();
  });

  test("the menu of a phone opens, leads on and closes", async ({ page }) => {
    await page.setViewportSize(NARROW);
    await open(page, "/ml/datasets");
    const opener = page.getByRole("button", { name: "Open the menu" });
    await opener.press("Enter");
    const menu = page.getByRole("dialog", { name: "Menu" });
    await expect(menu).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(menu).toBeHidden();
    await expect(opener).toBeFocused();
    await opener.press("Enter");
    await menu.getByRole("link", { name: "Jobs" }).press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: "Jobs" })).toBeVisible();
    await expect(menu).toBeHidden();
  });
});

/** Nothing moves while a page loads, all can perceive it, and it fits a small phone. */
async function examine(page: Page, path: string): Promise<void> {
  await page.setViewportSize(DESKTOP);
  const shift = await watchShifts(page);
  await open(page, path);
  expect(await shift(), "layout shift").toBeLessThan(SHIFT);
  for (const colorScheme of THEMES) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).withTags(WCAG).analyze();
    expect(violations.map(inShort), colorScheme).toEqual([]);
  }
  await page.setViewportSize(NARROW);
  await expect.poll(() => overhang(page), "pixels that it is wider than the screen").toBe(0);
}

const overhang = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

type Violation = { id: string; nodes: { html: string; failureSummary?: string }[] };

const inShort = ({ id, nodes }: Violation) =>
  `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("\n")}`;
