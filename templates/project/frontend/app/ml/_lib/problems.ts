import type { Fault, ProblemDetails } from "../_api";
import { isObject } from "./objects";

/** What went wrong, in words for the user, whatever was thrown. */
export function sentenceOf(error: unknown): string {
  if (isProblem(error)) {
    const faults = faultsOf(error);
    return faults.length === 1 && faults[0] ? faults[0].message : error.detail;
  }
  if (error instanceof TypeError) return "The server cannot be reached: check your connection.";
  if (error instanceof Error) return error.message;
  return "Something went wrong, and the server does not say what.";
}

/** Which fields of a request were wrong. */
export function faultsOf(error: unknown): Fault[] {
  return isProblem(error) ? (error.errors ?? []) : [];
}

export function isProblem(error: unknown): error is ProblemDetails {
  return isObject(error) && "status" in error && "detail" in error;
}
