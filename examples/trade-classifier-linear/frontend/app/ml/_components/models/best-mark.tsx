import { TrophyIcon } from "lucide-react";

/** Beside the best of several values. */
export function BestMark() {
  return (
    <TrophyIcon role="img" aria-label="best" className="inline size-3.5 shrink-0 text-primary" />
  );
}
