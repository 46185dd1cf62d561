import { describe, expect, it } from "vitest";
import { fileName } from "../app/ml/_lib/datasets-export";
import { errorAt } from "../app/ml/_lib/datasets-faults";
import { columnsFor, fieldsOf, isSame } from "../app/ml/_lib/datasets-mapping";
import { fullTextOf, isCut, isLong, textOf } from "../app/ml/_lib/datasets-preview";
import { problemsByRow } from "../app/ml/_lib/datasets-problems";
import { namesIn } from "../app/ml/_lib/datasets-sources";
import { countsIn } from "../app/ml/_lib/datasets-summary";

describe("a mapping", () => {
  it("has the recipe's fields only, and none that is guessed", () => {
    const named = { text: "statement", label: "", rating: "stars" };
    expect(columnsFor(["text", "label"], named)).toEqual({ text: "statement" });
  });

  it("is the same whatever the order of its fields", () => {
    expect(isSame({ a: "1", b: "2" }, { b: "2", a: "1" })).toBe(true);
    expect(isSame({ a: "1" }, { a: "1", b: "2" })).toBe(false);
    expect(isSame({ a: "1" }, { b: "1" })).toBe(false);
  });

  it("may use a column for two fields", () => {
    expect(fieldsOf("statement", { text: "statement", label: "statement" })).toHaveLength(2);
  });
});

describe("problems of rows", () => {
  const problems = [
    { row: 2, column: "text", message: "is empty." },
    { row: 2, column: "text", message: "is odd." },
    { row: 2, column: "elsewhere", message: "is empty." },
    { row: null, column: null, message: "holds no rows." },
  ];

  it("stand in their cells, or with the row where the column is not shown", () => {
    const found = problemsByRow(problems, ["text"]);
    expect([...found.keys()]).toEqual([2]);
    expect(found.get(2)?.cells.get("text")).toEqual(["Is empty.", "Is odd."]);
    expect(found.get(2)?.whole).toEqual(["Elsewhere is empty."]);
  });
});

describe("errors of a form", () => {
  const problem = (field: string) => ({
    status: 422,
    title: "Invalid input",
    type: "/problems/invalid",
    detail: "Body: wrong (1 more).",
    errors: [
      { field, message: "No such column" },
      { field, message: "Too long" },
    ],
  });
  const fields = ["table", "columns"];

  it("stand at the field that they are about, with its parts", () => {
    expect(errorAt(problem("columns.0"), "columns", fields)).toBe("No such column. Too long");
    expect(errorAt(problem("columns.0"), "table", fields)).toBeNull();
  });

  it("stand at the first field where they name none", () => {
    expect(errorAt(problem("elsewhere"), "table", fields)).toBe("Body: wrong (1 more).");
    expect(errorAt(problem("elsewhere"), "columns", fields)).toBeNull();
    expect(errorAt(null, "table", fields)).toBeNull();
  });
});

describe("a cell", () => {
  it("shows what is in it on a line, and all of it with room", () => {
    expect(textOf(null)).toBe("");
    expect(textOf(0)).toBe("0");
    expect(textOf([1, 2])).toBe("[1,2]");
    expect(fullTextOf([1])).toBe("[\n  1\n]");
    expect(fullTextOf("as it is")).toBe("as it is");
  });

  it("says when it is long, and when the API cut it", () => {
    expect(isLong("short")).toBe(false);
    expect(isLong("a\nb\nc\nd")).toBe(true);
    expect(isCut(`${"x".repeat(500)}…`)).toBe(true);
    expect(isCut("and so on…")).toBe(false);
  });
});

describe("a summary", () => {
  it("is told apart by its values, the largest count first", () => {
    const { single, groups } = countsIn({
      rows: 3,
      labels: { a: 1, b: 2 },
      range: [0, 1],
      none: {},
    });
    expect(single.map(([name]) => name)).toEqual(["rows", "range", "none"]);
    expect(groups).toEqual([
      [
        "labels",
        [
          ["b", 2],
          ["a", 1],
        ],
      ],
    ]);
  });
});

it("reads the names in a list", () => {
  expect(namesIn(" a, b ,,c")).toEqual(["a", "b", "c"]);
});

it("reads the name of an exported file", () => {
  expect(fileName("attachment; filename*=UTF-8''B%C3%A4cker-v2.csv")).toBe("Bäcker-v2.csv");
  expect(fileName("attachment")).toBeNull();
  expect(fileName(null)).toBeNull();
});
