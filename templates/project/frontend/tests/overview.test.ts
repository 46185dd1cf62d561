import { describe, expect, it } from "vitest";
import type { DatasetPublic, Model } from "../app/ml/_api";
import { isNew, type Known, needingAttention, stepsOf } from "../app/ml/_lib/models-path";

const NOTHING: Known = { datasets: [], models: [], jobs: [], hasPredicted: false };
const dataset = (name: string, status: DatasetPublic["status"]): DatasetPublic => ({
  id: name,
  name,
  status,
  newest_version: status === null ? null : 1,
  row_count: 1,
  created_at: "2026-01-01T00:00:00Z",
});
const model = (versions: number): Model => ({
  id: "1",
  name: "trades",
  recipe: "linear",
  versions,
  production: null,
  is_served: false,
  metrics: null,
  created_at: "2026-01-01T00:00:00Z",
});

describe("the way to predictions", () => {
  it("begins with data", () => {
    expect(stepsOf(NOTHING)).toEqual({ data: "next", train: "later", predict: "later" });
  });

  it("does not count a data set without data, or a model without a version", () => {
    const known = { ...NOTHING, datasets: [dataset("empty", null)], models: [model(0)] };
    expect(stepsOf(known)).toEqual({ data: "next", train: "later", predict: "later" });
  });

  it("goes on step by step, until all is done", () => {
    const withData = { ...NOTHING, datasets: [dataset("a", "valid")] };
    expect(stepsOf(withData).train).toBe("next");
    const trained = { ...withData, models: [model(1)] };
    expect(stepsOf(trained)).toEqual({ data: "done", train: "done", predict: "next" });
    expect(isNew(stepsOf(trained))).toBe(true);
    expect(isNew(stepsOf({ ...trained, hasPredicted: true }))).toBe(false);
  });
});

describe("data that needs attention", () => {
  it("is what has errors, then what nobody has checked", () => {
    const found = needingAttention([
      dataset("unchecked", "unchecked"),
      dataset("valid", "valid"),
      dataset("empty", null),
      dataset("invalid", "invalid"),
    ]);
    expect(found.map(({ name }) => name)).toEqual(["invalid", "unchecked"]);
  });
});
