import { describe, expect, it } from "vitest";
import type { EventPublic } from "../app/ml/_api";
import { extend, NOTHING_YET, thinOut } from "../app/ml/_lib/run";

type Told = [kind: string, data: EventPublic["data"]];

const numbered = (told: Told[], first = 1): EventPublic[] =>
  told.map(([kind, data], index) => ({
    number: first + index,
    kind,
    data,
    created_at: "2026-11-24T12:00:00Z",
  }));
const step = (step: number, loss = 1 / step): Told => ["step", { step, loss, total_steps: 100 }];
const steps = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => step(from + index));
const evaluation = (step: number, metrics: Record<string, number>): Told => [
  "evaluation",
  { step, metrics },
];
const stepsIn = (points: readonly { step: number }[] | undefined) =>
  points?.map(({ step }) => step);

describe("the events of a run", () => {
  it("become curves, progress, baseline, metrics and a story without the steps", () => {
    const run = extend(
      NOTHING_YET,
      numbered([
        ["started", {}],
        ["baseline", { name: "Mean", rmse: 3, time: "now", cost_usd: 0.1 }],
        [
          "step",
          { step: 1, loss: 2, reward: 0.1, learning_rate: 0.01, eta_seconds: 9, epoch: 0.5 },
        ],
        evaluation(1, { loss: 1.5, rmse: 2 }),
        ["finished", { metrics: { rmse: 1.9 }, cost_usd: 0.25 }],
        ["something_new", { note: "kept" }],
      ]),
    );
    expect(run.training).toEqual({
      loss: [{ step: 1, value: 2 }],
      reward: [{ step: 1, value: 0.1 }],
      learning_rate: [{ step: 1, value: 0.01 }],
    });
    expect(run.evaluation.rmse).toEqual([{ step: 1, value: 2 }]);
    expect(run.baseline).toEqual({ name: "Mean", metrics: { rmse: 3 } });
    expect(run.metrics).toEqual({ rmse: 1.9 });
    expect(run.progress).toMatchObject({ step: 1, secondsLeft: 9, epoch: 0.5 });
    expect(run.costUsd).toBe(0.25);
    expect(run.story.map(({ kind }) => kind)).toEqual([
      "started",
      "baseline",
      "evaluation",
      "finished",
      "something_new",
    ]);
  });

  it("count once, however often they come", () => {
    const events = numbered([...steps(1, 5), ["checkpoint", { step: 5 }]]);
    const once = extend(NOTHING_YET, events);
    expect(extend(once, events)).toEqual(once);
    expect(extend(extend(NOTHING_YET, events.slice(0, 3)), events)).toEqual(once);
  });

  it("leave what was there as it was", () => {
    const before = extend(NOTHING_YET, numbered(steps(1, 3)));
    extend(before, numbered(steps(4, 6), 4));
    expect(stepsIn(before.training.loss)).toEqual([1, 2, 3]);
  });

  it("replace the steps after the checkpoint that a run went back to", () => {
    const before = numbered([...steps(1, 4), evaluation(4, { f1: 0.1 }), ...steps(5, 8)]);
    const after = numbered(
      [["cancelled", {}], ["queued", {}], ["resumed", {}], step(5, 9), evaluation(5, { f1: 0.2 })],
      before.length + 1,
    );
    const run = extend(extend(NOTHING_YET, before), after);
    expect(stepsIn(run.training.loss)).toEqual([1, 2, 3, 4, 5]);
    expect(run.training.loss?.at(-1)?.value).toBe(9);
    expect(stepsIn(run.evaluation.f1)).toEqual([4, 5]);
  });

  it("begin anew with a run that starts again", () => {
    const told: Told[] = [
      ...steps(1, 3),
      ["warning", { message: "Slow." }],
      ["lost", {}],
      ["started", {}],
    ];
    const run = extend(NOTHING_YET, numbered([...told, step(1)]));
    expect(stepsIn(run.training.loss)).toEqual([1]);
    expect(run.warnings).toEqual([]);
    expect(run.story).toHaveLength(3);
  });

  it("may report progress without a curve", () => {
    const run = extend(NOTHING_YET, numbered([["progress", { step: 8, total_steps: 10 }]]));
    expect(run.training).toEqual({});
    expect(run.progress).toMatchObject({ step: 8, total: 10 });
    expect(run.story).toEqual([]);
  });
});

describe("thinning out", () => {
  const points = Array.from({ length: 5000 }, (_, step) => ({
    step,
    value: step === 1234 ? 99 : 0,
  }));

  it("keeps about as many points as are drawn, among them the extremes and the newest", () => {
    const thin = thinOut(points, 400);
    expect(thin.length).toBeLessThanOrEqual(401);
    expect(thin).toContainEqual({ step: 1234, value: 99 });
    expect(thin.at(-1)).toEqual(points.at(-1));
    expect(stepsIn(thin)).toEqual(stepsIn(thin)?.toSorted((a, b) => a - b));
  });

  it("leaves few points alone", () => {
    expect(thinOut(points.slice(0, 400), 400)).toHaveLength(400);
  });
});
