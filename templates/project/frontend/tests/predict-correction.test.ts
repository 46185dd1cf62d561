import { expect, test } from "vitest";
import {
  type Correctable,
  correctableFields,
  readCorrection,
  startOf,
} from "../app/ml/_lib/predict-correction";

const classifier = {
  required: ["label", "confidence", "scores"],
  properties: {
    label: { type: "string" },
    confidence: { type: "number", minimum: 0, maximum: 1 },
    scores: { type: "object", additionalProperties: { type: "number" } },
  },
};
const forecast = {
  required: ["total", "points"],
  properties: {
    total: { type: "number" },
    points: { type: "array", items: { type: "object", properties: { value: { type: "number" } } } },
  },
};

const predicted = (output: Record<string, unknown>, correction = null): Correctable => ({
  id: "1",
  model: "trades",
  output,
  correction,
});

test("of a classification the label is corrected, to one that the model knows", () => {
  const output = { label: "a", confidence: 0.6, scores: { a: 0.6, b: 0.4 } };
  const fields = correctableFields(classifier, output, ["a", "b"]);
  expect(fields.map(({ name, options }) => [name, options])).toEqual([["label", ["a", "b"]]]);
  expect(startOf(fields, predicted(output))).toEqual({ label: "a" });
  expect(readCorrection(fields, { label: "b" }, output).value).toEqual({ label: "b" });
  expect(readCorrection(fields, { label: "a" }, output).value).toEqual({});
});

test("of anything else each field can be, and only what was changed is sent", () => {
  const output = { total: 7, points: [{ value: 3, low: 1 }] };
  const fields = correctableFields(forecast, output, []);
  const drafts = startOf(fields, predicted(output));
  expect(readCorrection(fields, drafts, output)).toEqual({ value: {}, faults: {} });
  expect(readCorrection(fields, { ...drafts, total: "8" }, output).value).toEqual({ total: 8 });
  expect(readCorrection(fields, { ...drafts, total: "many" }, output).faults).toEqual({
    total: "Write a number, such as 3.5.",
  });
});

test("a correction is changed from what was said, not from what was answered", () => {
  const output = { total: 7, points: [] };
  const fields = correctableFields(forecast, output, []);
  const correction = { output: { total: 9 }, note: "" };
  expect(startOf(fields, { ...predicted(output), correction }).total).toBe("9");
});
