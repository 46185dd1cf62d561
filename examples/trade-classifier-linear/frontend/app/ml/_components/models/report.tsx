"use client";

import { useQuery } from "@tanstack/react-query";
import { FileTextIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { getReportOptions } from "../../_api/@tanstack/react-query.gen";
import { framed } from "../../_lib/models-report";
import { isProblem } from "../../_lib/problems";
import { Empty } from "../empty";
import { Failure } from "../failure";
import { Card } from "../ui/card";
import { Skeleton } from "../ui/skeleton";

export function Report({ name, number }: { name: string; number: number }) {
  const report = useQuery({
    ...getReportOptions({ path: { name, number }, parseAs: "text" }),
    staleTime: Infinity, // a version's files never change
  });
  if (report.isPending) return <Skeleton className="h-[70dvh] rounded-xl" />;
  if (isProblem(report.error) && report.error.status === 404) {
    return (
      <Card>
        <Empty icon={FileTextIcon} title="No report">
          The training of this version wrote none.
        </Empty>
      </Card>
    );
  }
  if (report.error) return <Failure error={report.error} onRetry={report.refetch} />;
  return <ReportFrame title={`Report of version ${number}`} page={String(report.data)} />;
}

/** As high as the page in it, so that only one thing scrolls. */
function ReportFrame({ title, page }: { title: string; page: string }) {
  const [content, setContent] = useState<HTMLElement | null>(null);
  const [height, setHeight] = useState<number>();

  useEffect(() => {
    if (!content) return;
    const observer = new ResizeObserver(() => setHeight(content.offsetHeight));
    observer.observe(content);
    return () => observer.disconnect();
  }, [content]);

  return (
    <iframe
      title={title}
      srcDoc={framed(page)}
      // No scripts, forms or windows; its own origin only lets us see how high it is.
      sandbox="allow-same-origin"
      onLoad={(event) => setContent(event.currentTarget.contentDocument?.documentElement ?? null)}
      style={{ height }}
      className="min-h-[70dvh] w-full rounded-xl border bg-card"
    />
  );
}
