import { useQuery } from "@tanstack/react-query";
import { DownloadIcon } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import type { JobPublic } from "../../_api";
import { getJobLogOptions } from "../../_api/@tanstack/react-query.gen";
import { save } from "../../_lib/download";
import { isOver } from "../../_lib/jobs";
import { isProblem } from "../../_lib/problems";
import { Failure } from "../failure";
import { Button } from "../ui/button";
import { Skeleton } from "../ui/skeleton";
import { lastLines, terminalText } from "./terminal-text";

const EVERY = 5000; // milliseconds; as often as the worker saves it
const LINES = 500;
const NEAR = 40; // pixels above the end at which a reader still follows it

export function JobLog({ job }: { job: JobPublic }) {
  const log = useQuery({
    ...getJobLogOptions({ path: { job_id: job.id } }),
    retry: (failures, error) => !isMissing(error) && failures < 2,
    refetchInterval: isOver(job) ? false : EVERY,
  });
  const output = typeof log.data === "string" ? log.data : "";
  const shown = useMemo(() => lastLines(terminalText(output), LINES), [output]);

  if (log.isPending) return <Skeleton className="h-96" />;
  if (!log.data && log.error && !isMissing(log.error))
    return <Failure error={log.error} onRetry={log.refetch} />;
  if (!shown.text)
    return <p className="text-sm text-muted-foreground">The job has printed nothing yet.</p>;
  return (
    <>
      <Follower text={shown.text} />
      <div className="mt-3 flex flex-wrap items-center justify-between gap-3">
        <p className="text-xs text-muted-foreground">
          {shown.isAll ? "All that was printed." : `The last ${LINES} lines.`}
        </p>
        <Button
          size="sm"
          variant="outline"
          onClick={() => save(new Blob([output], { type: "text/plain" }), `${job.id}.log`)}
        >
          <DownloadIcon /> Download
        </Button>
      </div>
    </>
  );
}

/** Stays at the end while its reader does. */
function Follower({ text }: { text: string }) {
  const box = useRef<HTMLPreElement>(null);
  const isFollowing = useRef(true);

  useEffect(() => {
    if (isFollowing.current) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [text]);

  return (
    <pre
      ref={box}
      tabIndex={0}
      aria-label="Log"
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        isFollowing.current = scrollTop + clientHeight >= scrollHeight - NEAR;
      }}
      className="max-h-96 overflow-auto rounded-lg border bg-muted p-4 font-mono text-xs/5 outline-none focus-visible:ring-[3px] focus-visible:ring-ring/50"
    >
      {text}
    </pre>
  );
}

const isMissing = (error: unknown) => isProblem(error) && error.status === 404;
