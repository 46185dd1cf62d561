import { Badge, type BadgeVariant } from "../ui/badge";

const looks: Record<string, { title: string; variant: BadgeVariant }> = {
  unchecked: { title: "Not checked", variant: "neutral" },
  valid: { title: "Ready", variant: "good" },
  invalid: { title: "Has errors", variant: "bad" },
};

/** Of a version, or of a data set's newest one; null where it has none. */
export function DatasetStatus({ status }: { status: string | null }) {
  const look = looks[status ?? ""] ?? { title: "Empty", variant: "neutral" as const };
  return <Badge variant={look.variant}>{look.title}</Badge>;
}
