import { value } from "../../_lib/format";

/** A number that fits beside an axis: a small one by its power. */
export function brief(number: number): string {
  const isSmall = number !== 0 && Math.abs(number) < 0.001;
  return isSmall ? Number(number.toPrecision(3)).toExponential() : value(number);
}
