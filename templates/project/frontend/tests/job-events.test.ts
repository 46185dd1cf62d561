// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { EventPublic } from "../app/ml/_api";
import { client } from "../app/ml/_api/client.gen";
import { type Connection, followJob } from "../app/ml/_lib/job-events";

const JOB = "6f1c1f0e-3f0b-4a6e-9d0a-0c3d9a3c1f55";

type Answer = (request: Request) => Response;

const frame = (number: number, kind = "step") =>
  `id: ${number}\ndata: ${JSON.stringify({ number, kind, data: {}, created_at: "" })}\n\n`;
const sends = (...frames: string[]) => new Response(["retry: 2000\n\n", ...frames].join(""));
const breaksOff = (...frames: string[]) => {
  const parts = frames.map((part) => new TextEncoder().encode(part));
  const body = new ReadableStream({
    pull: (controller) => {
      const part = parts.shift();
      if (part) controller.enqueue(part);
      else controller.error(new TypeError("network"));
    },
  });
  return new Response(body);
};
const over = () => new Response(null, { status: 204 });

/** Follows a job whose server answers as given, one after the other. */
async function follow(...answers: Answer[]) {
  const asked: string[] = [];
  const connections: Connection[] = [];
  const events: EventPublic[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(`${request.headers.get("authorization")} ${request.headers.get("last-event-id")}`);
    const answer = answers.shift();
    if (!answer) throw new Error("It asks once more than it has to.");
    return answer(request);
  });
  const following = followJob(JOB, {
    after: 0,
    signal: new AbortController().signal,
    onEvent: (event) => events.push(event),
    onConnection: (connection) => connections.push(connection),
  });
  await vi.runAllTimersAsync();
  await following;
  return { asked, connections, numbers: events.map(({ number }) => number) };
}

beforeEach(() => {
  vi.useFakeTimers();
  let token = 0;
  client.setConfig({ baseUrl: "http://web.test/ml/api", auth: async () => `token-${++token}` });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("following a job", () => {
  it("reads all events and ends when the server has nothing more", async () => {
    const seen = await follow(() => sends(frame(1), frame(2), frame(3, "succeeded")), over);
    expect(seen.numbers).toEqual([1, 2, 3]);
    expect(seen.connections).toEqual(["live", "over"]);
  });

  it("comes back from the newest event, with a token of its time", async () => {
    const seen = await follow(
      () => breaksOff(frame(1), frame(2)),
      () => sends(frame(2), frame(3)),
      over,
    );
    expect(seen.numbers).toEqual([1, 2, 3]);
    expect(seen.asked).toEqual(["Bearer token-1 0", "Bearer token-2 2", "Bearer token-3 3"]);
    expect(seen.connections).toEqual(["live", "lost", "live", "over"]);
  });

  it("does not take the stop of a run, or an end before a resume, for the end of the job", async () => {
    const seen = await follow(
      () => sends(frame(1, "stopped"), frame(2, "cancelled"), frame(3, "queued")),
      () => sends(frame(4, "succeeded")),
      over,
    );
    expect(seen.numbers).toEqual([1, 2, 3, 4]);
  });

  it("outlasts a server that is away, refuses or answers something else", async () => {
    const seen = await follow(
      () => {
        throw new TypeError("fetch failed");
      },
      () => new Response("{}", { status: 502 }),
      () => new Response("{}", { status: 401 }),
      () => sends("data: no json\n\n", frame(1)),
      over,
    );
    expect(seen.numbers).toEqual([1]);
    expect(seen.connections).toEqual(["lost", "lost", "lost", "live", "over"]);
  });

  it("ends where the job is gone", async () => {
    const seen = await follow(() => new Response("{}", { status: 404 }));
    expect(seen.connections).toEqual(["over"]);
  });

  it("ends when nobody watches any more", async () => {
    vi.stubGlobal("fetch", async () => sends(frame(1)));
    const controller = new AbortController();
    const following = followJob(JOB, {
      after: 0,
      signal: controller.signal,
      onEvent: () => controller.abort(),
    });
    await vi.runAllTimersAsync();
    await expect(following).resolves.toBeUndefined();
  });
});
