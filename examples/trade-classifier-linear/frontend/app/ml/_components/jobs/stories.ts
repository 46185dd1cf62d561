import type { EventPublic } from "../../_api";
import { duration, plural, title, value } from "../../_lib/format";
import { asObject } from "../../_lib/objects";
import { numbersOf } from "../../_lib/run";

export type Tone = "neutral" | "good" | "warning" | "bad";
export type Story = { title: string; detail: string; tone: Tone };

type Data = EventPublic["data"];
type Teller = (data: Data) => Partial<Story> & { title: string };

const NOT_TOLD = ["time", "cost_usd"];

/** What an event says to a reader; one of a kind that is not known here says all that it has. */
export function storyOf({ kind, data }: EventPublic): Story {
  const told = tellers[kind]?.(data) ?? { title: title(kind), detail: listed(data) };
  return { detail: reason(data), tone: "neutral", ...told };
}

/** As "Accuracy 0.54, macro F1 0.51". */
export function listed(data: unknown): string {
  return Object.entries(asObject(data))
    .filter(([name]) => !NOT_TOLD.includes(name))
    .map(([name, found]) => `${title(name)} ${value(found)}`)
    .join(" · ");
}

const tellers: Record<string, Teller> = {
  queued: () => ({ title: "Queued" }),
  claimed: ({ attempt }) => ({
    title: "Taken up by a worker",
    detail: typeof attempt === "number" && attempt > 1 ? `Attempt ${attempt}` : "",
  }),
  launched: () => ({ title: "Handed to the machine that runs it", detail: "" }),
  started: () => ({ title: "Started", detail: "" }),
  resumed: () => ({ title: "Went on from its checkpoint", detail: "" }),
  baseline: ({ name, ...metrics }) => ({
    title: "Baseline measured",
    detail: [value(name), listed(metrics)].filter(Boolean).join(": "),
  }),
  evaluation: ({ step, metrics }) => ({
    title: typeof step === "number" ? `Evaluated at step ${value(step)}` : "Evaluated",
    detail: listed(metrics),
  }),
  checkpoint: ({ step }) => ({
    title: typeof step === "number" ? `Checkpoint at step ${value(step)}` : "Checkpoint",
  }),
  warning: ({ message }) => ({ title: "Warning", detail: value(message), tone: "warning" }),
  finished: ({ seconds, metrics }) => ({
    title: typeof seconds === "number" ? `Run finished in ${duration(seconds)}` : "Run finished",
    detail: listed(metrics),
  }),
  lost: () => ({ title: "The run was lost", tone: "warning" }),
  retried: (data) => ({ title: "Will be tried again", detail: waiting(data), tone: "warning" }),
  stopped: () => ({ title: "Stopped", tone: "warning" }),
  failed: () => ({ title: "Failed", tone: "bad" }),
  cancelled: () => ({ title: "Cancelled", tone: "warning" }),
  succeeded: (data) => ({ title: "Succeeded", detail: resultOf(data), tone: "good" }),
};

const reason = (data: Data) =>
  [data.reason, data.provider].filter((part) => typeof part === "string").join(" ");

function waiting(data: Data): string {
  const { after_seconds } = numbersOf(data);
  return after_seconds === undefined ? reason(data) : `After ${duration(after_seconds)}`;
}

function resultOf(data: Data): string {
  const { version, rows, failed, problem_count } = numbersOf(data);
  if (version !== undefined) return `Version ${version}`;
  if (rows !== undefined) return `${plural(rows, "row")}, ${value(failed ?? 0)} without an answer`;
  return problem_count === undefined ? "" : plural(problem_count, "problem");
}
