import { useEffect, useRef, useState } from "react";
import type { EventPublic } from "../_api";
import { client } from "../_api/client.gen";
import { isObject } from "./objects";
import { extend, NOTHING_YET, type Run } from "./run";

export type Connection = "connecting" | "live" | "lost" | "over";

const FRAME = 250; // milliseconds between two pictures of a run that has news
const PAUSE = 500; // milliseconds before the first attempt to come back
const LONGEST_PAUSE = 15_000;
const NOTHING_MORE = [204, 404]; // the job is over and all was sent, or the job is gone

type Follow = {
  after: number;
  signal: AbortSignal;
  onEvent: (event: EventPublic) => void;
  onConnection?: (connection: Connection) => void;
};

/** All events of a job, and those to come: again and again from the newest one, until it is over. */
export async function followJob(job: string, follow: Follow): Promise<void> {
  let { after } = follow;
  let idle = 0; // attempts in a row that brought nothing
  while (!follow.signal.aborted) {
    const before = after;
    const status = await readOnce(job, after, follow, (event) => {
      if (event.number <= after) return;
      after = event.number;
      follow.onEvent(event);
    }).catch(() => null);
    if (follow.signal.aborted) return;
    if (status !== null && NOTHING_MORE.includes(status)) return follow.onConnection?.("over");
    idle = after > before ? 0 : idle + 1;
    if (status !== 200) follow.onConnection?.("lost");
    await pause(Math.min(PAUSE * 2 ** idle, LONGEST_PAUSE), follow.signal);
  }
}

/** What the events of a job have come to, also while it runs and after it goes on. */
export function useJobEvents(job: string, isOver: boolean): { run: Run; connection: Connection } {
  const [run, setRun] = useState(NOTHING_YET);
  const [connection, setConnection] = useState<Connection>("connecting");
  const last = useRef(0);

  useEffect(() => {
    const controller = new AbortController();
    let waiting: EventPublic[] = [];
    const timer = setInterval(() => {
      const batch = waiting;
      if (!batch.length) return;
      waiting = [];
      last.current = batch.at(-1)?.number ?? last.current;
      setRun((run) => extend(run, batch));
    }, FRAME);
    void followJob(job, {
      after: last.current,
      signal: controller.signal,
      onEvent: (event) => waiting.push(event),
      onConnection: setConnection,
    });
    return () => {
      controller.abort();
      clearInterval(timer);
    };
  }, [job, isOver]); // one that is resumed has events again

  return { run, connection };
}

/** Returns the status of the answer once it ends; null if there was none or it broke off. */
async function readOnce(
  job: string,
  after: number,
  { signal, onConnection }: Follow,
  onEvent: (event: EventPublic) => void,
): Promise<number | null> {
  const answer: { status: number | null; isBroken: boolean } = { status: null, isBroken: false };
  const { stream } = await client.sse.get({
    url: "/ml/jobs/{job_id}/events",
    path: { job_id: job },
    // The header rather than `after`: it is what makes the server say 204 when nothing is left.
    headers: { "last-event-id": String(after) },
    security: [{ scheme: "bearer", type: "http" }],
    signal,
    sseMaxRetryAttempts: 1, // the loop above comes back by itself, with a token of its time
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      answer.status = response.status;
      if (response.status === 200) onConnection?.("live");
      return response;
    },
    onSseError: () => {
      answer.isBroken = true;
    },
  });
  for await (const event of stream) if (isEvent(event)) onEvent(event);
  return answer.isBroken && answer.status === 200 ? null : answer.status;
}

function isEvent(found: unknown): found is EventPublic {
  return isObject(found) && "number" in found && "kind" in found;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
