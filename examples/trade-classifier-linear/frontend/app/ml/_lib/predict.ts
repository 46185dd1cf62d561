import { type Prediction, predict, type ProblemDetails } from "../_api";
import type { Faults } from "./inputs-read";
import { faultsOf, isProblem } from "./problems";

export type Question = {
  model: string;
  input: Record<string, unknown>;
  mayFallBack: boolean;
  /** The same for a repetition of the same question. */
  key: string;
};
export type Answer = { prediction: Prediction; input: Question["input"]; seconds: number };
export type Refusal = ProblemDetails & { retryAfter: number | null };

/** @throws A refusal, or the TypeError of a connection that failed. */
export async function ask({ model, input, mayFallBack, key }: Question): Promise<Answer> {
  const start = performance.now();
  const { data, error, response } = await predict({
    path: { name: model },
    body: { input, fallback: mayFallBack },
    headers: { "Idempotency-Key": key },
  });
  const [prediction] = [data].flat();
  if (!prediction) throw isProblem(error) ? refusalOf(error, response) : error;
  return { prediction, input, seconds: (performance.now() - start) / 1000 };
}

export function isRefusal(error: unknown): error is Refusal {
  return isProblem(error) && "retryAfter" in error;
}

/** By the field of the input; those that are about something else are left out. */
export function inputFaults(error: unknown): Faults {
  const faults = faultsOf(error).filter(({ field }) => field?.startsWith("input."));
  return Object.fromEntries(
    faults.map(({ field = "", message }) => [field.slice("input.".length), `${message}.`]),
  );
}

/** As "12 ms" or "1.4 s". */
export function took(seconds: number): string {
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;
}

function refusalOf(problem: ProblemDetails, response: Response | undefined): Refusal {
  const wait = Number(response?.headers.get("retry-after") || NaN);
  return { ...problem, retryAfter: Number.isFinite(wait) ? wait : null };
}
