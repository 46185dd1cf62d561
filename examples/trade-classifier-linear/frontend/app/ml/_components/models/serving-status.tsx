import type { Model } from "../../_api";
import { Badge } from "../ui/badge";

/** Whether a model answers now. */
export function ServingStatus({ model }: { model: Pick<Model, "production" | "is_served"> }) {
  if (model.production === null) return <Badge>Not in production</Badge>;
  if (!model.is_served) return <Badge variant="warning">Not served</Badge>;
  return (
    <Badge variant="good">
      <span aria-hidden className="size-1.5 rounded-full bg-current" />
      Served
    </Badge>
  );
}
