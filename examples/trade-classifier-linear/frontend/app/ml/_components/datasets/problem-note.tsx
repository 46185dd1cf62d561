import { CircleAlertIcon } from "lucide-react";
import type { ReactNode } from "react";

/** What is wrong, right where it is. */
export function ProblemNote({ children }: { children: ReactNode }) {
  return (
    <p className="relative mt-1 flex gap-1.5 text-xs/relaxed text-red-800 first:mt-0 dark:text-red-300">
      <CircleAlertIcon aria-hidden className="mt-0.5 size-3.5 shrink-0" />
      <span className="min-w-0 break-words">
        <span className="sr-only">Problem: </span>
        {children}
      </span>
    </p>
  );
}
