import Link from "next/link";
import type { ReactNode } from "react";
import type { Model, Version } from "../../_api";
import { cn } from "../../_lib/cn";
import { ago, title } from "../../_lib/format";
import { figure, lastInProduction, metricNames, numberOf } from "../../_lib/models";
import { paths } from "../../_lib/paths";
import { Card, CardContent, CardHeader } from "../ui/card";
import { MetricTrend } from "./metric-trend";
import { RollBack } from "./roll-back";

type Props = { model: Model; versions: Version[]; metric?: string; isDeploying: boolean };

/** What answers now, and how the versions have come along. */
export function ModelSummary({ model, versions, metric, isDeploying }: Props) {
  const measured = versions.filter(
    (version) => numberOf(version.metrics[metric ?? ""]) !== undefined,
  );
  const hasTrend = metric !== undefined && measured.length > 1;
  if (!versions.length) return null;
  return (
    <div className={hasTrend ? "grid grid-cols-1 gap-5 md:grid-cols-2" : "grid grid-cols-1"}>
      {model.production === null ? (
        <NothingInProduction />
      ) : (
        <InProduction model={model} versions={versions} metric={metric} isDeploying={isDeploying} />
      )}
      {hasTrend && <MetricTrend metric={metric} versions={measured.toReversed()} />}
    </div>
  );
}

function NothingInProduction() {
  return (
    <Card>
      <CardHeader
        title="No version is in production"
        description="Promote one of the versions below: a server is started for it, and it answers predictions."
      />
    </Card>
  );
}

function InProduction({ model, versions, metric, isDeploying }: Props) {
  const current = versions.find((version) => version.number === model.production);
  const before = lastInProduction(versions);
  const metrics = model.metrics ?? {};
  const [main, ...others] = metricNames([metrics], metric);
  if (model.production === null) return null;
  return (
    <Card>
      <CardHeader
        title={
          <>
            In production:{" "}
            <Link className="hover:underline" href={paths.version(model.name, model.production)}>
              version {model.production}
            </Link>
          </>
        }
        description={current?.promoted_at && `Promoted ${ago(current.promoted_at)}`}
        actions={
          before && (
            <RollBack
              name={model.name}
              from={model.production}
              to={before.number}
              isDisabled={isDeploying}
            />
          )
        }
      />
      <CardContent>
        <dl className="flex flex-wrap gap-x-8 gap-y-3">
          {main && (
            <Measure
              name={main}
              className="basis-full"
              look="text-4xl font-semibold tracking-tight"
            >
              {figure(metrics[main])}
            </Measure>
          )}
          {others.map((name) => (
            <Measure key={name} name={name} look="font-medium">
              {figure(metrics[name])}
            </Measure>
          ))}
        </dl>
      </CardContent>
    </Card>
  );
}

type MeasureProps = { name: string; className?: string; look: string; children: ReactNode };

function Measure({ name, className, look, children }: MeasureProps) {
  return (
    <div className={className}>
      <dt className="text-xs text-muted-foreground">{title(name)}</dt>
      <dd className={cn("tabular-nums", look)}>{children}</dd>
    </div>
  );
}
