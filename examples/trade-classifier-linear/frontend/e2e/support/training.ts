import { expect, type Locator, type Page } from "@playwright/test";
import type { Backend } from "./backend";

export type Recipe = {
  name: string;
  has_estimate: boolean;
  settings: { properties: Record<string, unknown> };
};

/** The model folder to train; without it, the first one that a worker knows. */
const RECIPE = process.env.E2E_RECIPE;
const SHORT = { Debug: true };
/** What is filled in before the training that is watched, by label. */
const WATCHED: Settings = JSON.parse(process.env.E2E_SETTINGS ?? JSON.stringify(SHORT));

type Settings = Record<string, string | boolean>;

export async function findRecipe(backend: Backend): Promise<Recipe> {
  const { items } = (await backend.get("recipes")) as { items: Recipe[] };
  const recipe = items.find(({ name }) => name === (RECIPE ?? name));
  if (!recipe) throw new Error("No worker knows the recipe: start one, or set E2E_RECIPE.");
  return recipe;
}

/** As few steps as it can do: these tests are about the pages. */
export const small = ({ settings }: Recipe) =>
  "debug" in settings.properties ? { debug: true } : {};

/** In a form that asks for it, as all do where there are several. */
export async function chooseRecipe(page: Page): Promise<void> {
  if (!RECIPE) return;
  const list = page.getByRole("combobox", { name: "Recipe" });
  const card = page.getByRole("radiogroup", { name: "Recipe" }).getByText(RECIPE);
  await expect(list.or(card).first()).toBeVisible();
  if (await list.isVisible()) await list.selectOption(RECIPE);
  else await card.first().click();
}

export const fillInWatched = (page: Page) => fillIn(page, WATCHED);
export const fillInShort = (page: Page) => fillIn(page, SHORT);

/** What it takes where it would run: free here, or so many USD. */
export async function seeEstimate(page: Page, recipe: Recipe): Promise<void> {
  const button = page.getByRole("button", { name: "Estimate" });
  if (!recipe.has_estimate) return expect(button).toBeHidden();
  await button.click();
  await expect(page.getByText(/free, on this machine|: .+, \$\d/i)).toBeVisible({
    timeout: 60_000,
  });
}

async function fillIn(page: Page, settings: Settings): Promise<void> {
  const more = page.getByText("More settings");
  if (await more.isVisible()) await more.click();
  for (const [label, value] of Object.entries(settings)) {
    const control = page.getByLabel(label, { exact: true });
    if (typeof value === "boolean") await control.setChecked(value);
    else await control.fill(value);
  }
}

export async function choose(control: Locator, text: string): Promise<void> {
  if (await control.getByRole("option").count()) await control.selectOption(text);
  else await control.fill(text);
}
