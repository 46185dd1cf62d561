import { RowsSkeleton } from "../rows-skeleton";
import { Card } from "../ui/card";
import { Skeleton } from "../ui/skeleton";

/** A version that is still coming, beside the list of all. */
export function VersionSkeleton() {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-6 lg:grid-cols-[minmax(0,1fr)_17rem]">
      <CheckSkeleton />
      <Card className="p-5">
        <Skeleton className="h-40" />
      </Card>
      <PreviewSkeleton />
    </div>
  );
}

export function CheckSkeleton() {
  return (
    <Card className="grid gap-4 p-5 lg:col-start-1 lg:row-start-1">
      <Skeleton className="h-5 w-40" />
      <div className="grid gap-4 sm:grid-cols-2">
        <Skeleton className="h-15" />
        <Skeleton className="h-15" />
      </div>
      <Skeleton className="h-9 w-24" />
    </Card>
  );
}

export function PreviewSkeleton() {
  return (
    <Card className="min-w-0 lg:col-span-2">
      <div className="px-5 py-4">
        <Skeleton className="h-5 w-48" />
      </div>
      <RowsSkeleton rows={8} />
    </Card>
  );
}
