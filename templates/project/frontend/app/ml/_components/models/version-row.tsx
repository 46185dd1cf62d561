import Link from "next/link";
import type { Model, Version } from "../../_api";
import { ago, bytes, dateTime } from "../../_lib/format";
import { figure, numberOf } from "../../_lib/models";
import { paths } from "../../_lib/paths";
import { Button } from "../ui/button";
import { TableCell, TableRow } from "../ui/table";
import { BestMark } from "./best-mark";
import { DatasetLink } from "./dataset-link";
import { Promote } from "./promote";
import { StageBadge } from "./stage-badge";

type Selection = { isSelected: boolean; isFull: boolean; onToggle: () => void };
type Props = {
  model: Model;
  version: Version;
  metrics: { name: string; best?: number }[];
  isDeploying: boolean;
  selection?: Selection;
};

export function VersionRow({ model, version, metrics, isDeploying, selection }: Props) {
  const { number, stage } = version;
  return (
    <TableRow>
      <TableCell className="sticky left-0 z-10 bg-card pr-2">
        <span className="flex items-center gap-3 whitespace-nowrap">
          {selection && <Select number={number} {...selection} />}
          <Link className="font-medium hover:underline" href={paths.version(model.name, number)}>
            Version {number}
          </Link>
          {stage !== "candidate" && <StageBadge stage={stage} />}
        </span>
      </TableCell>
      {metrics.map(({ name, best }) => (
        <TableCell key={name} className="px-2 text-right whitespace-nowrap tabular-nums">
          <Metric found={version.metrics[name]} best={best} />
        </TableCell>
      ))}
      <TableCell className="max-w-48 truncate px-2 text-muted-foreground">
        <DatasetLink dataset={version.dataset} />
      </TableCell>
      <TableCell className="px-2 text-right whitespace-nowrap text-muted-foreground">
        {bytes(version.bytes)}
      </TableCell>
      <TableCell className="px-2 whitespace-nowrap text-muted-foreground">
        <Link
          className="underline-offset-4 hover:underline"
          href={paths.job(version.job_id)}
          title={`The training, ${dateTime(version.created_at)}`}
        >
          {ago(version.created_at)}
        </Link>
      </TableCell>
      <TableCell className="pl-2 text-right">
        {(stage !== "production" || !model.is_served) && (
          <Promote
            model={model}
            number={number}
            trigger={
              <Button
                size="sm"
                variant="outline"
                disabled={isDeploying}
                aria-label={`Promote version ${number}`}
              >
                Promote
              </Button>
            }
          />
        )}
      </TableCell>
    </TableRow>
  );
}

function Metric({ found, best }: { found: unknown; best?: number }) {
  const isBest = best !== undefined && numberOf(found) === best;
  return (
    <span className={isBest ? "inline-flex items-center gap-1.5 font-semibold" : undefined}>
      {isBest && <BestMark />}
      {figure(found)}
    </span>
  );
}

function Select({ number, isSelected, isFull, onToggle }: Selection & { number: number }) {
  return (
    <input
      type="checkbox"
      aria-label={`Compare version ${number}`}
      className="size-4 cursor-pointer accent-primary disabled:cursor-not-allowed"
      checked={isSelected}
      disabled={isFull && !isSelected}
      onChange={onToggle}
    />
  );
}
