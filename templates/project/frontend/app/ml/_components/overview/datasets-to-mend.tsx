import Link from "next/link";
import type { DatasetPublic } from "../../_api";
import { ago, plural } from "../../_lib/format";
import { needingAttention } from "../../_lib/models-path";
import { paths } from "../../_lib/paths";
import { DatasetStatus } from "../datasets/dataset-status";
import { Card } from "../ui/card";
import { SectionHeading } from "./section-heading";

const SHOWN = 4;

/** Data that no model should learn from yet. */
export function DatasetsToMend({ datasets }: { datasets: DatasetPublic[] }) {
  const shown = needingAttention(datasets).slice(0, SHOWN);
  if (!shown.length) return null;
  return (
    <section>
      <SectionHeading
        title="Data that needs you"
        more={{ href: paths.datasets, title: "All data sets" }}
      />
      <Card>
        <ul className="divide-y">
          {shown.map((dataset) => (
            <li
              key={dataset.id}
              className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3 text-sm"
            >
              <Link
                className="min-w-0 font-medium break-words hover:underline"
                href={paths.dataset(dataset.id)}
              >
                {dataset.name}
              </Link>
              <DatasetStatus status={dataset.status} />
              <span className="ml-auto text-muted-foreground">
                {dataset.row_count !== null && `${plural(dataset.row_count, "row")} · `}
                {ago(dataset.created_at)}
              </span>
            </li>
          ))}
        </ul>
      </Card>
    </section>
  );
}
