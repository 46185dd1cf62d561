import type { Model, Version } from "../../_api";
import { title } from "../../_lib/format";
import { bestOf, metricNames, MOST_COMPARED } from "../../_lib/models";
import { Table, TableHead } from "../ui/table";
import { VersionRow } from "./version-row";

type Props = {
  model: Model;
  versions: Version[];
  metric?: string;
  isDeploying: boolean;
  selected: number[];
  /** Absent where there is nothing to compare. */
  onToggle?: (number: number) => void;
};

export function VersionTable({ model, versions, metric, isDeploying, selected, onToggle }: Props) {
  const names = metricNames(
    versions.map((version) => version.metrics),
    metric,
  );
  const metrics = names.map((name) => ({
    name,
    best: bestOf(
      name,
      versions.map((version) => version.metrics[name]),
    ),
  }));
  return (
    <Table label="Versions">
      <thead>
        <tr>
          <TableHead className="sticky left-0 z-10 bg-card pr-2">Version</TableHead>
          {metrics.map(({ name }) => (
            <TableHead key={name} className="px-2 text-right">
              <span className={name === metric ? "font-semibold text-foreground" : undefined}>
                {title(name)}
              </span>
            </TableHead>
          ))}
          <TableHead className="px-2">Data</TableHead>
          <TableHead className="px-2 text-right">Size</TableHead>
          <TableHead className="px-2">Trained</TableHead>
          <TableHead className="relative pl-2">
            <span className="sr-only">Actions</span>
          </TableHead>
        </tr>
      </thead>
      <tbody>
        {versions.map((version) => (
          <VersionRow
            key={version.id}
            model={model}
            version={version}
            metrics={metrics}
            isDeploying={isDeploying}
            selection={
              onToggle && {
                isSelected: selected.includes(version.number),
                isFull: selected.length >= MOST_COMPARED,
                onToggle: () => onToggle(version.number),
              }
            }
          />
        ))}
      </tbody>
    </Table>
  );
}
