import { Backend } from "./support/backend";
import { open } from "./support/looks";
import { signIn, signOut, signUp, somebody } from "./support/people";
import { details, places } from "./support/places";
import { type Prepared, prepared } from "./support/prepared";
import { expect, type Page, test } from "./support/test";

const NOBODY = { cookies: [], origins: [] };
const LISTS = ["datasets", "jobs", "models", "predictions"];

/** Where the API keeps what the prepared user has. */
const addresses = (own: Prepared) => [
  `datasets/${own.dataset}`,
  `datasets/${own.dataset}/versions/1`,
  `datasets/${own.dataset}/versions/1/file`,
  `jobs/${own.training}`,
  `jobs/${own.training}/events`,
  `jobs/${own.training}/log`,
  `jobs/${own.batch}/result`,
  `models/${own.model}`,
  `models/${own.model}/versions/1`,
  `models/${own.model}/versions/1/report`,
  `models/${own.model}/versions/1/artifact`,
];

test.describe("another user", () => {
  test.use({ storageState: NOBODY });

  test("has empty lists, and finds nothing where the things of others are", async ({
    page,
    provoked,
  }) => {
    test.slow();
    const own = prepared();
    await signUp(page, somebody());
    for (const { path } of places) {
      await open(page, path);
      await expectNothingOf(page, own);
    }
    provoked.add(404);
    for (const { path } of details) {
      await page.goto(path(own));
      await expect(
        page.getByText(/not found|no .*(data set|job|model|version)/i).first(),
      ).toBeVisible();
      await expectNothingOf(page, own);
    }
  });

  test("is told by the backend itself that there is nothing", async ({ page }) => {
    await signUp(page, somebody());
    const { authorization } = await Backend.of(page);
    for (const path of addresses(prepared())) {
      const answer = await page.request.get(`/ml/api/ml/${path}`, { headers: { authorization } });
      expect(answer.status(), path).toBe(404);
    }
  });
});

test("without a token the backend says nothing", async ({ page }) => {
  const paths = [...LISTS, ...addresses(prepared())];
  for (const path of paths)
    expect((await page.request.get(`/ml/api/ml/${path}`)).status(), path).toBe(401);
});

test.describe("the next user of a browser", () => {
  test.use({ storageState: NOBODY });

  test("sees nothing of the one before", async ({ page }) => {
    const own = prepared();
    await signIn(page, own);
    await page.getByRole("navigation").getByRole("link", { name: "Data sets" }).click();
    await expect(page.getByRole("link", { name: "Trade statements" })).toBeVisible();
    await signOut(page);
    await expectNothingOf(page, own);
    await expect(page.getByRole("link", { name: "Trade statements" })).toHaveCount(0);

    const next = somebody();
    await page.getByRole("button", { name: "Create one" }).click(); // in this tab, without a reload
    await page.getByLabel("Email").fill(next.email);
    await page.getByLabel("Password").fill(next.password);
    const wasShown = await watchText(page, "Trade statements");
    await page.getByRole("button", { name: "Create account" }).click();
    await expect(page.getByText("No data sets yet")).toBeVisible();
    expect(await wasShown()).toBe(false);
    await page.goBack();
    await expectNothingOf(page, own);
  });
});

async function expectNothingOf(page: Page, own: Prepared): Promise<void> {
  const text = await page.locator("body").innerText();
  for (const secret of [own.email, "Trade statements", "Workshop notes", "Seen on site"])
    expect(text).not.toContain(secret);
}

/** Whether a text is shown from now on, if only for a moment. */
async function watchText(page: Page, text: string): Promise<() => Promise<boolean>> {
  const seen = await page.evaluateHandle((text) => {
    const seen = { is: false };
    const look = () => (seen.is ||= document.body.innerText.includes(text));
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
    return seen;
  }, text);
  return () => seen.evaluate(({ is }) => is);
}
