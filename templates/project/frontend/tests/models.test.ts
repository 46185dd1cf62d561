import { describe, expect, it } from "vitest";
import {
  bestOf,
  differenceTo,
  figure,
  isLowerBetter,
  lastInProduction,
  metricNames,
  numbersIn,
  toggled,
} from "../app/ml/_lib/models";

describe("metrics", () => {
  it.each(["log_loss", "calibration_error", "rmse", "val_mae", "Perplexity", "WER"])(
    "%s is better when it is lower",
    (name) => expect(isLowerBetter(name)).toBe(true),
  );

  it.each(["accuracy", "macro_f1", "glossary", "r2", "terror"])(
    "%s is better when it is higher",
    (name) => expect(isLowerBetter(name)).toBe(false),
  );

  it("come with the main one first, and only where they are numbers", () => {
    const found = [
      { accuracy: 0.5, labels: { a: 1 }, macro_f1: 0.4 },
      { loss: 1, note: "x" },
    ];
    expect(metricNames(found, "macro_f1")).toEqual(["macro_f1", "accuracy", "loss"]);
    expect(metricNames(found, "unknown")).toEqual(["accuracy", "macro_f1", "loss"]);
    expect(metricNames([])).toEqual([]);
  });

  it("have a best value where there is a choice", () => {
    expect(bestOf("accuracy", [0.5, null, 0.7])).toBe(0.7);
    expect(bestOf("log_loss", [0.5, "?", 0.7])).toBe(0.5);
    expect(bestOf("accuracy", [0.5, 0.5])).toBeUndefined();
    expect(bestOf("accuracy", [0.5, undefined])).toBeUndefined();
  });

  it("differ with a sign, which is good or bad", () => {
    expect(differenceTo("accuracy", 0.5, 0.75)).toEqual({ amount: 0.25, verdict: "better" });
    expect(differenceTo("log_loss", 0.5, 0.75)).toEqual({ amount: 0.25, verdict: "worse" });
    expect(differenceTo("log_loss", 0.5, 0.25)).toEqual({ amount: -0.25, verdict: "better" });
    expect(differenceTo("accuracy", 1, 1)).toEqual({ amount: 0, verdict: "same" });
    expect(differenceTo("accuracy", null, 1)).toBeUndefined();
  });

  it("stand in one line", () => {
    expect(figure(0.386)).toBe("0.3860");
    expect(figure(2)).toBe("2");
    expect(figure(123.456)).toBe("123.5");
    expect(figure(0.0000123)).toBe("0.0000123");
    expect(figure(undefined)).toBe("–");
    expect(figure({ a: 1 })).toBe("–");
  });
});

describe("versions", () => {
  const version = (
    number: number,
    stage: "archived" | "candidate",
    promoted_at: string | null,
  ) => ({
    number,
    stage,
    promoted_at,
  });

  it("roll back to the one that was promoted last before", () => {
    const versions = [
      version(1, "archived", "2026-01-03T00:00:00Z"),
      version(2, "archived", "2026-01-02T00:00:00Z"),
      version(3, "archived", null),
      version(4, "candidate", null),
    ];
    expect(lastInProduction(versions)?.number).toBe(1);
    expect(lastInProduction(versions.slice(2))).toBeUndefined();
  });

  it("are read from an address, whatever stands there", () => {
    expect(numbersIn("3,1,3")).toEqual([1, 3]);
    expect(numbersIn("x,-1,0,1.5,,2")).toEqual([2]);
    expect(numbersIn(null)).toEqual([]);
    expect(numbersIn("1,2,3,4,5,6,7,8,9,10,11")).toHaveLength(10);
  });

  it("are chosen and left out", () => {
    expect(toggled([1, 3], 2)).toEqual([1, 2, 3]);
    expect(toggled([1, 2, 3], 2)).toEqual([1, 3]);
  });
});
