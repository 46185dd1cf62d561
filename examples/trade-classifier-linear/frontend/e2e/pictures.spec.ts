import { DESKTOP, open, PHONE, settle, THEMES } from "./support/looks";
import { details, places } from "./support/places";
import { prepared } from "./support/prepared";
import { type Page, test } from "./support/test";

const SIZES = { desktop: DESKTOP, phone: PHONE };

for (const { name, path } of places)
  test(`picture of ${name}`, ({ page }) => shoot(page, name, path));

for (const { name, path } of details)
  test(`picture of ${name}`, ({ page }) => shoot(page, name, path(prepared())));

test.describe("without an account", () => {
  test.use({ storageState: { cookies: [], origins: [] } });
  test("picture of sign-in", ({ page }) => shoot(page, "sign-in", "/ml/sign-in"));
});

async function shoot(page: Page, name: string, path: string): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    if (size === "desktop") await open(page, path);
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      await settle(page);
      await page.screenshot({
        path: `screenshots/${name}-${size}-${colorScheme}.png`,
        fullPage: true,
        animations: "disabled",
      });
    }
  }
}
