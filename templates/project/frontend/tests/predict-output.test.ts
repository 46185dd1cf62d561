import { expect, test } from "vitest";
import {
  certaintyOf,
  choiceOf,
  confidenceOf,
  outputSummary,
  summary,
} from "../app/ml/_lib/predict-output";

const choose = (scores: Record<string, number>, more = {}) => choiceOf({ scores, ...more });

test("an output with scores is a choice, best first", () => {
  const choice = choose({ baker: 0.2, welder: 0.7, roofer: 0.1 }, { label: "welder" });
  expect(choice?.label).toBe("welder");
  expect(choice?.labelField).toBe("label");
  expect(choice?.scores.map(({ label }) => label)).toEqual(["welder", "baker", "roofer"]);
});

test("its confidence and label are not said twice; what else it says is kept", () => {
  const choice = choose({ a: 0.6, b: 0.4 }, { label: "a", confidence: 0.6, reason: "It is." });
  expect(choice?.rest).toEqual({ reason: "It is." });
});

test.each([[{ price: 3 }], [{ scores: {} }], [{ scores: { a: "much" } }], [{ scores: [1, 2] }]])(
  "%j is no choice",
  (output) => expect(choiceOf(output)).toBeNull(),
);

test.each([
  [{ a: 0.9, b: 0.1 }, "Sure", "80 points ahead of b"],
  [{ a: 0.75, b: 0.25 }, "Sure", "50 points ahead of b"],
  [{ a: 0.6, b: 0.39 }, "Fairly sure", "21 points ahead of b"],
  [{ a: 0.4, b: 0.35, c: 0.25 }, "Unsure", "5 points ahead of b"],
])("%j is %s", (scores, word, reason) => {
  const choice = choose(scores);
  expect(choice && certaintyOf(choice)).toEqual({ word, reason });
});

test("a label that is not the best one is unsure", () => {
  const choice = choose({ a: 0.4, b: 0.6 }, { label: "a" });
  expect(choice && certaintyOf(choice)).toEqual({
    word: "Unsure",
    reason: "20 points behind b",
  });
  expect(confidenceOf({ label: "a", scores: { a: 0.4, b: 0.6 } })).toBe(0.4);
});

test.each([
  [{ text: "Lay bricks." }, "Lay bricks."],
  [{ area: 82.5, rooms: 4, heating: null }, "area: 82.5, rooms: 4"],
  [{ user: "u-17", items: ["a", "b"] }, "user: u-17, items: a, b"],
  [{ history: [{ value: 1 }], horizon: 7 }, "history: 1 value, horizon: 7"],
  [{ image: `/9j/${"A".repeat(100)}` }, "A picture"],
])("%j in a few words", (value, words) => expect(summary(value)).toBe(words));

test("a choice in a few words is its label", () => {
  expect(outputSummary({ label: "welder", scores: { welder: 1 } })).toBe("welder");
});
