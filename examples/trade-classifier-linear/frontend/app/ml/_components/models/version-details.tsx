import Link from "next/link";
import type { ReactNode } from "react";
import type { Recipe, VersionDetail } from "../../_api";
import { factsOf, type Leaf, splitSettings } from "../../_lib/models-manifest";
import { paths } from "../../_lib/paths";
import { Button } from "../ui/button";
import { Card, CardContent, CardHeader } from "../ui/card";
import { Facts } from "./facts";
import { VersionData } from "./version-data";
import { VersionMetrics } from "./version-metrics";

type Props = { version: VersionDetail; recipe?: Recipe };

/** What the training wrote about a version. */
export function VersionDetails({ version, recipe }: Props) {
  const { manifest } = version;
  const [own, others] = splitSettings(factsOf(manifest.config), recipe?.settings);
  const training = (
    <Button asChild size="sm" variant="outline">
      <Link href={paths.job(version.job_id)}>Open the training</Link>
    </Button>
  );
  return (
    <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-2">
      <div className="grid grid-cols-1 gap-5">
        <VersionMetrics version={version} metric={recipe?.metric} />
        <VersionData version={version} />
      </div>
      <div className="grid grid-cols-1 gap-5">
        <FactsCard title="Settings" facts={own} actions={training} />
        <FactsCard title="Set by the worker" facts={others} />
        <FactsCard title="Engine" facts={factsOf(manifest.engine)} />
        <FactsCard title="Environment" facts={factsOf(manifest.environment)} isVerbatim />
      </div>
    </div>
  );
}

type CardProps = { title: string; facts: Leaf[]; isVerbatim?: boolean; actions?: ReactNode };

function FactsCard({ title, facts, isVerbatim, actions }: CardProps) {
  if (!facts.length) return null;
  return (
    <Card>
      <CardHeader title={title} actions={actions} />
      <CardContent>
        <Facts facts={facts} isVerbatim={isVerbatim} />
      </CardContent>
    </Card>
  );
}
