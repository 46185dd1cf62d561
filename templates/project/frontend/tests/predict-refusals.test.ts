import { expect, test } from "vitest";
import { adviceOf } from "../app/ml/_lib/predict-refusals";
import { filterOf, pathOf } from "../app/ml/_lib/predict-history";
import { inputFaults, took } from "../app/ml/_lib/predict";

const problem = (status: number, detail = "") => ({ type: "", title: "", status, detail });

test.each([
  [
    problem(409, "The model 'a' has no version in production."),
    false,
    "No version is in production",
  ],
  [
    problem(409, "It is being started. There is no fallback: set OPENROUTER_API_KEY to have one."),
    true,
    "Neither the model nor a fallback can answer",
  ],
  [problem(413), false, "This is more than the server takes"],
  [problem(429), false, "Too many requests"],
  [problem(503), false, "The model cannot answer now"],
  [new TypeError(), false, "The model could not be asked"],
])("a refusal in words", (error, mayFallBack, title) => {
  expect(adviceOf(error, mayFallBack).title).toBe(title);
});

test("a fallback is only recommended to whoever did not allow it", () => {
  expect(adviceOf(problem(503), false).advice).toContain("allow a fallback");
  expect(adviceOf(problem(503), true).advice).not.toContain("allow a fallback");
});

test("faults of the input are said by its fields", () => {
  const errors = [
    { field: "input.series.3.value", message: "It is no number" },
    { field: "fallback", message: "It is no boolean" },
  ];
  expect(inputFaults({ ...problem(422), errors })).toEqual({
    "series.3.value": "It is no number.",
  });
});

test.each([
  ["", "/ml/predictions"],
  ["model=trades&source=fallback", "/ml/predictions?model=trades&source=fallback"],
  ["show=corrections&used=no&source=model", "/ml/predictions?show=corrections&used=no"],
  ["show=all&source=elsewhere&used=maybe", "/ml/predictions"],
])("the filter of %s", (query, path) => {
  expect(pathOf(filterOf(new URLSearchParams(query)))).toBe(path);
});

test("how long it took", () => {
  expect([0.0123, 0.9994, 12.34].map(took)).toEqual(["12 ms", "999 ms", "12.3 s"]);
});
