import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Backend } from "./support/backend";
import { columnOf, csv, readRows } from "./support/data";
import { signUp, somebody } from "./support/people";
import { PREPARED, type Prepared, SESSION } from "./support/prepared";
import { expect, test } from "./support/test";
import { findRecipe, small } from "./support/training";

const MODEL = "trades";

test("a user with data, two versions of a model, and predictions", async ({ page }) => {
  test.setTimeout(600_000);
  const person = somebody();
  await signUp(page, person);
  const backend = await Backend.of(page);
  const recipe = await findRecipe(backend);
  const rows = readRows();
  const [first = {}, ...others] = rows;
  const [input = "text", label = "label"] = Object.keys(first);

  const check = { recipe: recipe.name };
  const { id: dataset } = await backend.post("datasets", { json: { name: "Trade statements" } });
  const version = await backend.post(`datasets/${dataset}/versions`, { csv: csv(rows) });
  const columns = Object.fromEntries(Object.keys(first).map((field) => [field, columnOf(field)]));
  await backend.patch(`datasets/${dataset}/versions/1`, { columns });
  await backend.done(`datasets/${dataset}/versions/1/check`, { json: check });
  const { id: faulty } = await backend.post("datasets", { json: { name: "Workshop notes" } });
  const broken = csv([
    ...others.slice(0, 40),
    { ...first, [input]: "" },
    { ...first, [label]: "" },
  ]);
  await backend.post(`datasets/${faulty}/versions`, { csv: broken });
  await backend.done(`datasets/${faulty}/versions/1/check`, { json: check });

  const training = { model: MODEL, dataset_version_id: version.id, settings: small(recipe) };
  const started = { kind: "train", recipe: recipe.name, ...training };
  const { id: job, status, error } = await backend.done("jobs", { json: started });
  expect(status, String(error)).toBe("succeeded");
  await backend.done(`models/${MODEL}/versions/1/promote`);
  await backend.done("jobs", { json: started });

  for (const row of others.slice(0, 3))
    await backend.post(`models/${MODEL}/predict`, { json: { input: { [input]: row[input] } } });
  await expect.poll(async () => predictions(backend)).toHaveLength(3); // written a moment later
  const [prediction] = await predictions(backend);
  const correction = { output: { [label]: first[label] }, note: "Seen on site." };
  await backend.put(`predictions/${prediction?.id}/correction`, correction);
  const batch = await backend.done(`models/${MODEL}/batch`, {
    csv: csv(others.slice(0, 5)),
    params: { columns: JSON.stringify({ [input]: columnOf(input) }) },
  });

  const found: Prepared = {
    ...person,
    model: MODEL,
    dataset: String(dataset),
    faultyDataset: String(faulty),
    training: String(job),
    batch: String(batch.id),
  };
  mkdirSync(dirname(PREPARED), { recursive: true });
  writeFileSync(PREPARED, JSON.stringify(found));
  await page.context().storageState({ path: SESSION });
});

async function predictions(backend: Backend): Promise<{ id: string }[]> {
  const { items } = (await backend.get("predictions")) as { items: { id: string }[] };
  return items;
}
