import { type ClassValue, clsx } from "clsx";
import { twMerge } from "tailwind-merge";

/** Class names, of which the last one wins where two say different things. */
export function cn(...classes: ClassValue[]): string {
  return twMerge(clsx(classes));
}
