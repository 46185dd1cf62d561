import { describe, expect, it } from "vitest";
import type { JobPublic } from "../app/ml/_api";
import { storyOf } from "../app/ml/_components/jobs/stories";
import { lastLines, terminalText } from "../app/ml/_components/jobs/terminal-text";
import type { Estimate, GpuEstimate } from "../app/ml/_lib/estimates";
import { canResume, filterOf, outcomeOf, pathOf, secondsOf } from "../app/ml/_lib/jobs";

const job = (part: Partial<JobPublic>): JobPublic => ({
  id: "1",
  kind: "train",
  status: "running",
  recipe: "recipe",
  provider: "local",
  model: "model",
  model_version_id: null,
  dataset_version_id: null,
  settings: {},
  cost_limit_usd: null,
  cost_usd: 0,
  progress: {},
  result: {},
  error: null,
  attempts: 1,
  max_attempts: 3,
  is_cancelling: false,
  last_event: 0,
  created_at: "2026-11-24T12:00:00Z",
  started_at: "2026-11-24T12:00:00Z",
  finished_at: null,
  ...part,
});

const L4: GpuEstimate = {
  gpu: "L4",
  tier: "on-demand",
  verdict: "fits",
  memory_bytes: { needed: 9e9, available: 24e9 },
  seconds: 840,
  seconds_range: [600, 1200],
  usd: 0.21,
  usd_range: [0.15, 0.3],
};
const estimate = (...gpus: GpuEstimate[]): Estimate => ({
  provider: "modal",
  gpus,
  seconds_here: 100,
  warnings: [],
});

describe("the filter in the address", () => {
  it("is read and written", () => {
    expect(filterOf(new URLSearchParams("kind=train&status=failed"))).toEqual({
      kind: "train",
      status: "failed",
    });
    expect(pathOf({ kind: "train", status: "failed" })).toBe("/ml/jobs?kind=train&status=failed");
    expect(pathOf({ kind: undefined })).toBe("/ml/jobs");
  });

  it("is left out where it is nonsense", () => {
    expect(filterOf(new URLSearchParams("kind=toString&status=x"))).toEqual({});
  });
});

describe("what a job came to", () => {
  it.each<[string, Partial<JobPublic>]>([
    ["Waits for a worker", { status: "queued" }],
    ["Under way", {}],
    ["25%", { progress: { step: 5, total_steps: 20 } }],
    ["Version 3", { status: "succeeded", result: { version: 3 } }],
    ["No problems", { kind: "check", status: "succeeded", result: { status: "valid" } }],
    ["2 problems", { kind: "check", status: "succeeded", result: { problem_count: 2 } }],
    ["L4: 14 min, $0.21", { kind: "estimate", status: "succeeded", result: estimate(L4) }],
    [
      "L4, tight: 14 min, $0.21",
      { kind: "estimate", status: "succeeded", result: estimate({ ...L4, verdict: "tight" }) },
    ],
    [
      "1 min 40 s, free, on this machine",
      { kind: "estimate", status: "succeeded", result: estimate() },
    ],
    ["1 row", { kind: "batch", status: "succeeded", result: { rows: 1, failed: 0 } }],
    ["No such file.", { status: "failed", error: "No such file." }],
  ])("%s", (words, part) => expect(outcomeOf(job(part))).toBe(words));

  it("can be gone on with where it is a training that ended early", () => {
    expect(canResume(job({ status: "cancelled" }))).toBe(true);
    expect(canResume(job({ status: "succeeded" }))).toBe(false);
    expect(canResume(job({ status: "running" }))).toBe(false);
    expect(canResume(job({ status: "failed", kind: "batch" }))).toBe(false);
  });

  it("took as long as from its start to its end, or until now", () => {
    const now = new Date("2026-11-24T12:01:00Z").getTime();
    expect(secondsOf(job({}), now)).toBe(60);
    expect(secondsOf(job({ finished_at: "2026-11-24T12:00:10Z" }), now)).toBe(10);
    expect(secondsOf(job({ started_at: null }), now)).toBeUndefined();
  });
});

describe("the story of an event", () => {
  const story = (kind: string, data: Record<string, unknown>) =>
    storyOf({ number: 1, kind, data, created_at: "" });

  it("says what happened in words", () => {
    expect(story("evaluation", { step: 64, metrics: { loss: 3.31, macro_f1: 0.5 } })).toEqual({
      title: "Evaluated at step 64",
      detail: "Loss 3.31 · Macro F1 0.5",
      tone: "neutral",
    });
    expect(story("retried", { reason: "Gone.", after_seconds: 12 }).detail).toBe("After 12 s");
    expect(story("failed", { reason: "No such model." })).toMatchObject({
      detail: "No such model.",
      tone: "bad",
    });
  });

  it("says all that an unknown event has", () => {
    expect(story("weights_merged", { layers: 12, time: "now", cost_usd: 0 })).toEqual({
      title: "Weights merged",
      detail: "Layers 12",
      tone: "neutral",
    });
  });
});

describe("a log", () => {
  it("is shown as a terminal would", () => {
    expect(terminalText("a\r\nb")).toBe("a\nb");
    expect(terminalText(" 1%|\r 50%|##\r100%|####\ndone\n")).toBe("100%|####\ndone\n");
    expect(terminalText("loading...\rok")).toBe("okading...");
    expect(terminalText("\u001b[31mred\u001b[0m \u001b]0;title\u0007text")).toBe("red text");
  });

  it("is shown from its end", () => {
    expect(lastLines("1\n2\n3\n", 2)).toEqual({ text: "2\n3", isAll: false });
    expect(lastLines("1\n2\n", 2)).toEqual({ text: "1\n2", isAll: true });
  });
});
