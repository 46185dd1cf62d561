import { expect, test } from "vitest";
import { parseCsv } from "../app/ml/_lib/inputs-csv";
import { propertiesOf } from "../app/ml/_lib/inputs-schema";
import { columnsOf, guessMapping, missingIn, readHead } from "../app/ml/_lib/predict-file";

const csv = (content: string | Uint8Array<ArrayBuffer>) => new File([content], "rows.csv");
const properties = propertiesOf({
  required: ["text"],
  properties: { text: { type: "string" }, language: { type: "string", default: "en" } },
});

test.each([
  [
    'a,b\n1,"x, ""y""\nz"\n',
    [
      ["a", "b"],
      ["1", 'x, "y"\nz'],
    ],
  ],
  [
    "a;b\r\n1;2,5\r\n\r\n",
    [
      ["a", "b"],
      ["1", "2,5"],
    ],
  ],
  [
    "a\tb\n1\t",
    [
      ["a", "b"],
      ["1", ""],
    ],
  ],
  ["\uFEFFa\n1", [["a"], ["1"]]],
])("%j is read as the backend reads it", (text, rows) => expect(parseCsv(text)).toEqual(rows));

test("the names and the first rows are read", async () => {
  const rows = Array.from({ length: 9 }, (_, row) => `${row},x`).join("\n");
  const head = await readHead(csv(` id ,text\n${rows}`));
  expect(head.columns).toEqual(["id", "text"]);
  expect(head.rows).toHaveLength(5);
});

test("of a large file only the beginning is read, whatever character it ends in", async () => {
  const head = await readHead(csv(`text\n${"ü".repeat(100_001)}\n${"ü".repeat(100_000)}`));
  expect(head.rows).toHaveLength(1);
});

test.each([
  ["", "The file is empty."],
  ["a,b", "The file has a line of names, and no row below it."],
  ["a,a\n1,2", 'The column "a" occurs twice: rename one of them.'],
  ["PK\u0003\u0004…", "The file is an Excel workbook or a ZIP archive: save the sheet as CSV."],
  ["%PDF-1.7", "The file is a PDF: save its table as CSV."],
  [Uint8Array.of(97, 10, 252), "The file is not in UTF-8: save it as CSV in UTF-8."],
])("%j is refused", async (content, reason) => {
  await expect(readHead(csv(content))).rejects.toThrow(reason);
});

test("columns are found by their names, or where there is only one", () => {
  expect(guessMapping(properties, ["id", "Text"])).toEqual({ text: "Text", language: "" });
  expect(guessMapping(properties, ["statement"])).toEqual({ text: "statement", language: "" });
  expect(guessMapping(properties, ["a", "b"])).toEqual({ text: "", language: "" });
});

test("what is needed and has no column is missing; what is left out is not sent", () => {
  expect(missingIn({ text: "", language: "" }, properties).map(({ name }) => name)).toEqual([
    "text",
  ]);
  expect(columnsOf({ text: "statement", language: "" })).toEqual({ text: "statement" });
});
