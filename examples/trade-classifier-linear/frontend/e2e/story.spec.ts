import { readFileSync } from "node:fs";
import { Backend } from "./support/backend";
import { drawnPoints, newestStep } from "./support/curve";
import { columnOf, csv, file, readRows } from "./support/data";
import { signOut, signUp, somebody } from "./support/people";
import { expect, type Page, test } from "./support/test";
import {
  choose,
  chooseRecipe,
  fillInShort,
  fillInWatched,
  findRecipe,
  seeEstimate,
} from "./support/training";

const WORK = 300_000; // milliseconds that a worker may take for one job
const MODEL = "trades";
const REMARK = "remark"; // a column of the file that is empty, but for one row

test("from a file to answers, corrections, a better model and back", async ({ page }) => {
  test.setTimeout(4 * WORK);
  const rows = readRows();
  const [first = {}, ...others] = rows;
  const [input = "text", label = "label"] = Object.keys(first);
  const question = `${first[input]} Once more.`; // is not among the rows
  const data = csv(rows.map((row, at) => ({ ...row, [REMARK]: at ? "" : "seen" })));

  const backend = await test.step("signs up", async () => {
    await signUp(page, somebody());
    return Backend.of(page);
  });

  await test.step("uploads a file and sees what is in it", async () => {
    await goTo(page, "Data sets");
    await page.getByRole("button", { name: "New data set" }).first().click();
    await page.getByLabel("Name").fill("Trade statements");
    await page.getByRole("button", { name: "Create" }).click();
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Choose a file" }).click();
    await (await chooser).setFiles(file("statements.csv", data));
    const preview = page.getByRole("region", { name: "Preview of the rows" });
    await expect(preview.getByRole("columnheader", { name: columnOf(input) })).toBeVisible();
    await expect(preview).toContainText(first[input]?.slice(0, 40) ?? "");
  });

  await test.step("maps a wrong column, and is told which rows that breaks", async () => {
    await chooseRecipe(page);
    await map(page, { [input]: columnOf(REMARK), [label]: columnOf(label) });
    const problems = page.getByRole("region", { name: "Problems" });
    await expect(problems).toBeVisible({ timeout: WORK });
    await expect(problems.getByRole("row").nth(1)).toContainText(/^3/); // as in the file
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Has errors");
  });

  await test.step("maps the right one, and may train", async () => {
    await map(page, { [input]: columnOf(input), [label]: columnOf(label) });
    await expect(page.getByText("Ready to train.")).toBeVisible({ timeout: WORK });
    await expect(page.getByRole("region", { name: "Problems" })).toBeHidden();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Ready");
  });

  await test.step("trains, watches the curve, and misses nothing by a reload", async () => {
    await page.getByRole("link", { name: "Train", exact: true }).last().click();
    await expect(page.getByRole("heading", { level: 1, name: "Train" })).toBeVisible();
    await chooseRecipe(page);
    await page.getByLabel("Name").fill(MODEL);
    await fillInWatched(page);
    await seeEstimate(page, await findRecipe(backend));
    await page.getByRole("button", { name: "Start training" }).click();
    await expect(page.getByRole("heading", { name: `Training of ${MODEL}` })).toBeVisible();
    const job = page.url().split("/").at(-1) ?? "";
    await watchCurve(page);
    await expectReady(page, 1);
    const steps = await backend.steps(job);
    const drawn = steps.length ? await drawnPoints(page.getByRole("figure", { name: "Loss" })) : 0;
    expect(drawn, "points of the curve").toBe(steps.length);
  });

  await test.step("reads the report, and promotes the version", async () => {
    await page.getByRole("link", { name: "Open version 1" }).click();
    await page.getByRole("tab", { name: "Report" }).click();
    const report = page.frameLocator('iframe[title="Report of version 1"]');
    await expect(report.getByRole("heading").first()).toBeVisible();
    await page.getByRole("button", { name: "Promote" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Promote" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Production", {
      timeout: WORK,
    });
  });

  const answer = await test.step("asks it, and corrects the answer", async () => {
    await predict(page, input, question, 1);
    const said = await page.getByRole("list", { name: "Scores" }).getByRole("listitem").first();
    const [answer = ""] = (await said.innerText()).split("\n");
    await expect(page.getByText(/^\d+(\.\d)?%$/).first()).toBeVisible();
    const right = rows.find((row) => row[label] !== answer)?.[label] ?? "";
    await page.getByRole("button", { name: "Correct it" }).click();
    const dialog = page.getByRole("dialog");
    await choose(dialog.getByLabel(titleOf(label)), right);
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText(`Corrected to ${right}`)).toBeVisible();
    return answer;
  });

  await test.step("makes a new version of the data from corrections", async () => {
    await goTo(page, "Data sets");
    await page.getByRole("link", { name: "Trade statements" }).click();
    await page.getByRole("button", { name: "Add data" }).click();
    await page.getByRole("tab", { name: "Corrections" }).click();
    const form = page.getByRole("tabpanel", { name: "Corrections" });
    await expect(form.getByText("1 correction")).toBeVisible();
    await form.getByRole("button", { name: "Add data" }).click();
    await expect(page.getByText("Check version 2")).toBeVisible();
    await expect(page.getByText(`${rows.length + 1} rows`).first()).toBeVisible();
  });

  await test.step("predicts a whole file", async () => {
    await goTo(page, "Models");
    await page.getByRole("link", { name: MODEL }).click();
    await page.getByRole("link", { name: "Batch" }).click();
    const batch = csv(others.slice(0, 3));
    await page.getByLabel("File").setInputFiles(file("batch.csv", batch));
    await page.getByLabel(titleOf(input)).selectOption(columnOf(input));
    await page.getByRole("button", { name: "Predict all rows" }).click();
    await expect(page.getByText("3 rows answered.")).toBeVisible({ timeout: WORK });
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download CSV" }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/\.csv$/);
    const [head = "", ...answers] = readFileSync(await download.path(), "utf8")
      .trim()
      .split(/\r?\n/);
    expect(head).toContain(`${columnOf(input)},${columnOf(label)},predicted_label,`);
    expect(answers).toHaveLength(3);
    for (const [at, line] of answers.entries()) expect(line).toContain(others[at]?.[label]);
  });

  await test.step("trains again, compares, promotes the new version", async () => {
    await goTo(page, "Models");
    await page.getByRole("link", { name: MODEL }).click();
    await page.getByRole("link", { name: "Train again" }).click();
    await page.getByLabel("Data set").selectOption("Trade statements");
    await expect(page.getByLabel("Version")).toContainText("Version 2");
    await page.getByLabel("Version").selectOption({ index: 0 });
    await fillInShort(page);
    await page.getByRole("button", { name: "Start training" }).click();
    await expectReady(page, 2);
    await goTo(page, "Models");
    await page.getByRole("link", { name: MODEL }).click();
    await page.getByLabel("Compare version 1").check();
    await page.getByLabel("Compare version 2").check();
    await page.getByRole("link", { name: "Compare 2 versions" }).click();
    const metrics = page.getByRole("region", { name: "Metric" });
    await expect(metrics.getByRole("link", { name: "Version 1" })).toBeVisible();
    await expect(metrics.getByRole("link", { name: "Version 2" })).toBeVisible();
    await page.getByRole("link", { name: MODEL }).click();
    await page.getByRole("button", { name: "Promote version 2" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Promote" }).click();
    await expectInProduction(page, 2);
    await predict(page, input, question, 2);
  });

  await test.step("rolls back", async () => {
    await goTo(page, "Models");
    await page.getByRole("link", { name: MODEL }).click();
    await page.getByRole("button", { name: "Roll back" }).click();
    await page.getByRole("button", { name: "Roll back to version 1" }).click();
    await expectInProduction(page, 1);
    await predict(page, input, question, 1);
    await expect(page.getByRole("list", { name: "Scores" })).toContainText(answer);
  });

  await test.step("signs out, and the pages ask who it is", async () => {
    await signOut(page);
    for (const path of ["/ml", "/ml/datasets", `/ml/models/${MODEL}`]) {
      await page.goto(path);
      await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
    }
  });
});

const titleOf = (field: string) => new RegExp(`^${field}`, "i");

async function goTo(page: Page, place: string): Promise<void> {
  await page.getByRole("navigation").getByRole("link", { name: place, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: place })).toBeVisible();
}

async function map(page: Page, columns: Record<string, string>): Promise<void> {
  for (const [field, column] of Object.entries(columns))
    await page.getByLabel(titleOf(field)).selectOption(column);
  await page.getByRole("button", { name: /^(Save and check|Check)$/ }).click();
}

/** Grows, and is as long as before after a reload; there is none where a model is solved in one go. */
async function watchCurve(page: Page): Promise<void> {
  const loss = page.getByRole("figure", { name: "Loss" });
  await expect(loss.or(page.getByText("is ready."))).toBeVisible({ timeout: WORK });
  if (await loss.isHidden()) return;
  const first = await newestStep(loss);
  await expect.poll(() => newestStep(loss), { timeout: WORK }).toBeGreaterThan(first);
  const [step, points] = [await newestStep(loss), await drawnPoints(loss)];
  await page.reload();
  await expect.poll(() => newestStep(loss)).toBeGreaterThanOrEqual(step);
  await expect.poll(() => drawnPoints(loss)).toBeGreaterThanOrEqual(points);
}

async function expectReady(page: Page, version: number): Promise<void> {
  const ready = page.getByText(`Version ${version} of the model is ready.`);
  await expect(ready.or(page.getByText("The job failed"))).toBeVisible({ timeout: WORK });
  await expect(ready).toBeVisible();
}

async function expectInProduction(page: Page, version: number): Promise<void> {
  const heading = page.getByRole("heading", { name: `In production: version ${version}` });
  await expect(heading).toBeVisible({ timeout: WORK });
}

async function predict(page: Page, field: string, text: string, version: number): Promise<void> {
  await goTo(page, "Predict");
  await page.getByLabel(titleOf(field)).fill(text);
  await page.getByRole("button", { name: "Predict", exact: true }).click();
  await expect(
    page.getByRole("link", { name: `${MODEL}, version ${version}` }).first(),
  ).toBeVisible();
}
