import Link from "next/link";
import type { Model, Recipe } from "../../_api";
import { ago, count, title } from "../../_lib/format";
import { figure } from "../../_lib/models";
import { paths } from "../../_lib/paths";
import { TableCell, TableRow } from "../ui/table";
import { ServingStatus } from "./serving-status";

export function ModelRow({ model, recipe }: { model: Model; recipe?: Recipe }) {
  return (
    <TableRow>
      <TableCell className="font-medium">
        <Link className="hover:underline" href={paths.model(model.name)}>
          {model.name}
        </Link>
      </TableCell>
      <TableCell>
        {recipe?.title ?? "–"}
        <span className="block text-xs text-muted-foreground">{model.recipe}</span>
      </TableCell>
      <TableCell>
        <span className="flex items-center gap-2 whitespace-nowrap">
          {model.production !== null && (
            <Link className="hover:underline" href={paths.version(model.name, model.production)}>
              Version {model.production}
            </Link>
          )}
          <ServingStatus model={model} />
        </span>
      </TableCell>
      <TableCell className="text-right whitespace-nowrap tabular-nums">
        <MainMetric model={model} metric={recipe?.metric} />
      </TableCell>
      <TableCell className="text-right tabular-nums">{count(model.versions)}</TableCell>
      <TableCell className="whitespace-nowrap text-muted-foreground">
        {ago(model.created_at)}
      </TableCell>
    </TableRow>
  );
}

/** Of the version in production. */
function MainMetric({ model, metric }: { model: Model; metric?: string }) {
  if (!metric || !model.metrics) return "–";
  return (
    <>
      {figure(model.metrics[metric])}
      <span className="block text-xs text-muted-foreground">{title(metric)}</span>
    </>
  );
}
