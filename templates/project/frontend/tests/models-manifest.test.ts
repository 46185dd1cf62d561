import { describe, expect, it } from "vitest";
import {
  baselineOf,
  factsOf,
  leavesOf,
  splitSettings,
  textsOf,
  verdictOf,
} from "../app/ml/_lib/models-manifest";

describe("a manifest", () => {
  it("keeps the order of what is in it", () => {
    expect(factsOf({ z: 1, a: { b: 2 } })).toEqual([
      { name: "z", value: 1 },
      { name: "a", value: { b: 2 } },
    ]);
    expect(factsOf(undefined)).toEqual([]);
    expect(factsOf([1, 2])).toEqual([]);
  });

  it("has leaves", () => {
    const found = leavesOf({ data: "x", columns: { text: "body", more: { a: null } }, none: {} });
    expect(found.map(({ name }) => name)).toEqual([
      "data",
      "columns.text",
      "columns.more.a",
      "none",
    ]);
  });

  it("may lack whatever a task has no word for", () => {
    expect(verdictOf({})).toBeUndefined();
    expect(verdictOf({ verdict: { mood: "good", sentence: "Fine." } })?.detail).toBe("");
    expect(baselineOf({ baseline: { metrics: { accuracy: 0.1 } } })).toEqual({ accuracy: 0.1 });
    expect(baselineOf({ baseline: "none" })).toBeUndefined();
    expect(textsOf(["a", 1, "b"])).toEqual(["a", "b"]);
    expect(textsOf(null)).toEqual([]);
  });

  it("tells what was chosen from what the worker set", () => {
    const settings = [{ name: "output" }, { name: "epochs" }];
    expect(splitSettings(settings, { properties: { epochs: {} } })).toEqual([
      [{ name: "epochs" }],
      [{ name: "output" }],
    ]);
    expect(splitSettings(settings, undefined)).toEqual([settings, []]);
  });
});
