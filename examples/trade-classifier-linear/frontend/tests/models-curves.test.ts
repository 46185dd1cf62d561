import { afterEach, describe, expect, it, vi } from "vitest";
import { client } from "../app/ml/_api/client.gen";
import { curveNames, readCurves } from "../app/ml/_lib/models-curves";

const TIME = "2026-01-01T00:00:00Z";
const step = (number: number, loss: number) => ({
  number,
  kind: "step",
  data: { step: number, total_steps: 1200, loss },
  created_at: TIME,
});
const signal = new AbortController().signal;

function answer(pages: { items: unknown[]; next_cursor: string | null }[]) {
  const asked: string[] = [];
  client.setConfig({
    baseUrl: "http://localhost/api",
    fetch: vi.fn<typeof fetch>(async (request) => {
      asked.push(request instanceof Request ? new URL(request.url).search : "");
      return Response.json(pages[asked.length - 1]);
    }),
  });
  return asked;
}

afterEach(() => client.setConfig({ fetch: undefined }));

describe("curves of a run", () => {
  it("come from all pages of its events, at most 300 points of each", async () => {
    const steps = Array.from({ length: 1200 }, (_, index) => step(index + 1, 1 / (index + 1)));
    const asked = answer([
      { items: steps.slice(0, 500), next_cursor: "500" },
      { items: steps.slice(500, 1000), next_cursor: "1000" },
      { items: steps.slice(1000), next_cursor: null },
    ]);
    const loss = (await readCurves("job", signal)).get("loss");
    expect(asked.map((query) => new URLSearchParams(query).get("after"))).toEqual([
      "0",
      "500",
      "1000",
    ]);
    expect(loss?.length).toBeLessThanOrEqual(301);
    expect(loss?.at(0)?.step).toBe(1);
    expect(loss?.at(-1)?.step).toBe(1200);
  });

  it("tell an evaluation's loss from the training's", async () => {
    const evaluation = {
      number: 3,
      kind: "evaluation",
      data: { step: 2, metrics: { loss: 0.4, macro_f1: 0.7 } },
      created_at: TIME,
    };
    answer([{ items: [step(1, 1), step(2, 0.5), evaluation], next_cursor: null }]);
    const curves = await readCurves("job", signal);
    expect([...curves.keys()].toSorted()).toEqual(["loss", "macro_f1", "validation_loss"]);
  });

  it("end after the first ones of a run without end", async () => {
    const page = { items: [step(1, 1)], next_cursor: "1" };
    const asked = answer(Array.from({ length: 50 }, () => page));
    await readCurves("job", signal);
    expect(asked).toHaveLength(20);
  });
});

describe("names of curves", () => {
  it("put losses first, and leave out what is a point alone", () => {
    const line = [
      { step: 1, value: 1 },
      { step: 2, value: 2 },
    ];
    const runs = [
      new Map([
        ["macro_f1", line],
        ["baseline", line.slice(1)],
      ]),
      new Map([["loss", line]]),
    ];
    expect(curveNames(runs)).toEqual(["loss", "macro_f1"]);
    expect(curveNames([])).toEqual([]);
  });
});
