import { Card } from "../ui/card";
import { Skeleton } from "../ui/skeleton";

/** A form and the place of its answer, which are still coming. */
export function FormSkeleton() {
  return (
    <div role="status" aria-label="Loading" className="grid items-start gap-6 lg:grid-cols-2">
      <Card className="grid gap-5 p-5">
        <Skeleton className="h-15" />
        <Skeleton className="h-44" />
        <Skeleton className="h-9 w-24" />
      </Card>
      <Card className="p-5">
        <Skeleton className="h-64" />
      </Card>
    </div>
  );
}
