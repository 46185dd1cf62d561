"use client";

import { GitCompareIcon, LayersIcon, RocketIcon } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import type { Model, Version } from "../../_api";
import { MOST_COMPARED, toggled, trainAgain } from "../../_lib/models";
import { paths } from "../../_lib/paths";
import { Empty } from "../empty";
import { MoreButton } from "../more-button";
import { Button } from "../ui/button";
import { Card, CardHeader } from "../ui/card";
import { VersionTable } from "./version-table";

type Props = {
  model: Model;
  versions: Version[];
  metric?: string;
  isDeploying: boolean;
  list: Parameters<typeof MoreButton>[0]["list"];
};

export function VersionsCard({ model, versions, metric, list, isDeploying }: Props) {
  const [selected, setSelected] = useState<number[]>([]);
  if (!versions.length) return <NoVersions model={model} />;
  const canCompare = versions.length > 1;
  return (
    <Card className="overflow-hidden">
      <CardHeader
        title="Versions"
        description={
          canCompare
            ? `Each training made one. Select 2 to ${MOST_COMPARED} to compare them.`
            : "Each training makes one. With a second one you can compare."
        }
        actions={canCompare && <Compare name={model.name} selected={selected} />}
      />
      <VersionTable
        model={model}
        versions={versions}
        metric={metric}
        isDeploying={isDeploying}
        selected={selected}
        onToggle={
          canCompare ? (number) => setSelected((numbers) => toggled(numbers, number)) : undefined
        }
      />
      <MoreButton list={list} />
    </Card>
  );
}

function Compare({ name, selected }: { name: string; selected: number[] }) {
  if (selected.length < 2) {
    return (
      <Button size="sm" variant="outline" disabled>
        <GitCompareIcon /> Compare
      </Button>
    );
  }
  return (
    <Button asChild size="sm">
      <Link href={paths.compare(name, selected)}>
        <GitCompareIcon /> Compare {selected.length} versions
      </Link>
    </Button>
  );
}

function NoVersions({ model }: { model: Model }) {
  const train = (
    <Button asChild>
      <Link href={trainAgain(model.name)}>
        <RocketIcon /> Train a version
      </Link>
    </Button>
  );
  return (
    <Card>
      <Empty icon={LayersIcon} title="No version yet" action={train}>
        A version appears here once a training has succeeded. Earlier trainings, and why they ended,
        are among the{" "}
        <Link className="underline underline-offset-2" href={`${paths.jobs}?kind=train`}>
          jobs
        </Link>
        .
      </Empty>
    </Card>
  );
}
