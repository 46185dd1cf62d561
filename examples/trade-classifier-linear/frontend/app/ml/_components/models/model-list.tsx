"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { BoxIcon, RocketIcon } from "lucide-react";
import Link from "next/link";
import { listModelsInfiniteOptions } from "../../_api/@tanstack/react-query.gen";
import { useRecipes } from "../../_lib/models-queries";
import { nextPage } from "../../_lib/pages";
import { paths } from "../../_lib/paths";
import { Empty } from "../empty";
import { Failure } from "../failure";
import { MoreButton } from "../more-button";
import { PageHeader } from "../page-header";
import { RowsSkeleton } from "../rows-skeleton";
import { Button } from "../ui/button";
import { Card } from "../ui/card";
import { Table, TableHead } from "../ui/table";
import { ModelRow } from "./model-row";

export function ModelList() {
  const list = useInfiniteQuery({ ...listModelsInfiniteOptions(), ...nextPage });
  const recipes = useRecipes();
  const models = list.data?.pages.flatMap((page) => page.items);
  const train = (
    <Button asChild>
      <Link href={paths.train}>
        <RocketIcon /> Train a model
      </Link>
    </Button>
  );

  return (
    <>
      <PageHeader
        title="Models"
        description="Each training makes a version. One version at a time is in production and answers."
        actions={train}
      />
      {list.error && <Failure error={list.error} onRetry={list.refetch} />}
      {!list.error && (
        <Card>
          {!models && <RowsSkeleton />}
          {models?.length === 0 && (
            <Empty icon={BoxIcon} title="No models yet" action={train}>
              A model learns from one of your data sets. Train one, and its first version appears
              here.
            </Empty>
          )}
          {models && models.length > 0 && (
            <Table label="Models">
              <thead>
                <tr>
                  <TableHead>Name</TableHead>
                  <TableHead>Task</TableHead>
                  <TableHead>In production</TableHead>
                  <TableHead className="text-right">Main metric</TableHead>
                  <TableHead className="text-right">Versions</TableHead>
                  <TableHead>Created</TableHead>
                </tr>
              </thead>
              <tbody>
                {models.map((model) => (
                  <ModelRow key={model.id} model={model} recipe={recipes.get(model.recipe)} />
                ))}
              </tbody>
            </Table>
          )}
          <MoreButton list={list} />
        </Card>
      )}
    </>
  );
}
