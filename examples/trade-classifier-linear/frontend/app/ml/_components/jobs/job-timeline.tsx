import { useState } from "react";
import type { EventPublic } from "../../_api";
import { cn } from "../../_lib/cn";
import { dateTime } from "../../_lib/format";
import { Button } from "../ui/button";
import { storyOf, type Tone } from "./stories";

const FIRST = 20;
const clock = new Intl.DateTimeFormat("en", { timeStyle: "medium", hourCycle: "h23" });
const dots: Record<Tone, string> = {
  neutral: "bg-muted-foreground/50",
  good: "bg-emerald-600 dark:bg-emerald-400",
  warning: "bg-amber-500 dark:bg-amber-400",
  bad: "bg-red-600 dark:bg-red-400",
};

/** What happened, the newest first. */
export function JobTimeline({ events }: { events: EventPublic[] }) {
  const [isWhole, setWhole] = useState(false);
  const newestFirst = events.toReversed();
  const shown = isWhole ? newestFirst : newestFirst.slice(0, FIRST);
  if (events.length === 0)
    return <p className="text-sm text-muted-foreground">Nothing has happened yet.</p>;
  return (
    <>
      <ol aria-label="Events, the newest first" aria-live="polite" aria-relevant="additions">
        {shown.map((event) => (
          <Entry key={event.number} event={event} />
        ))}
      </ol>
      {shown.length < events.length && (
        <Button variant="ghost" size="sm" onClick={() => setWhole(true)}>
          Show all {events.length}
        </Button>
      )}
    </>
  );
}

function Entry({ event }: { event: EventPublic }) {
  const { title, detail, tone } = storyOf(event);
  return (
    <li className="relative flex gap-3 pb-4 text-sm not-last:before:absolute not-last:before:top-4 not-last:before:bottom-[-0.4rem] not-last:before:left-[3.5px] not-last:before:w-px not-last:before:bg-border last:pb-1">
      <span aria-hidden className={cn("mt-1.5 size-2 shrink-0 rounded-full", dots[tone])} />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{title}</p>
        {detail && <p className="break-words text-muted-foreground">{detail}</p>}
      </div>
      <time
        dateTime={event.created_at}
        title={dateTime(event.created_at)}
        className="shrink-0 text-xs/5 text-muted-foreground tabular-nums"
      >
        {clock.format(new Date(event.created_at))}
      </time>
    </li>
  );
}
