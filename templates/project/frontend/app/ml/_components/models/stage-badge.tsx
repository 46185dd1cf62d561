import type { Version } from "../../_api";
import { Badge, type BadgeVariant } from "../ui/badge";

const looks: Record<Version["stage"], { title: string; variant: BadgeVariant }> = {
  candidate: { title: "Candidate", variant: "outline" },
  production: { title: "Production", variant: "good" },
  archived: { title: "Archived", variant: "neutral" },
};

export function StageBadge({ stage }: { stage: Version["stage"] }) {
  const { title, variant } = looks[stage];
  return <Badge variant={variant}>{title}</Badge>;
}
