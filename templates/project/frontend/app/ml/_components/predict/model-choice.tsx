"use client";

import { useQuery } from "@tanstack/react-query";
import { BoxIcon } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import type { ModelDetail } from "../../_api";
import { getModelOptions, listModelsOptions } from "../../_api/@tanstack/react-query.gen";
import { paths } from "../../_lib/paths";
import { Empty } from "../empty";
import { Failure } from "../failure";
import { Button } from "../ui/button";
import { Card } from "../ui/card";
import { FormSkeleton } from "./form-skeleton";
import { ModelSelect } from "./model-select";
import { NotUsable } from "./not-usable";

const MOST = 100; // on a page of the API
const STARTING = 3000; // milliseconds between two looks at a server that is being started

type Props = {
  /** By the address. */
  named: string | null;
  pathOf: (model: string) => string;
  /** With a model that has a version in production, and the field that chooses it. */
  children: (model: ModelDetail, choice: ReactNode) => ReactNode;
};

/** Which model is asked: the one of the address, or the newest that can be. */
export function ModelChoice({ named, pathOf, children }: Props) {
  const list = useQuery(listModelsOptions({ query: { limit: MOST } }));
  const models = list.data?.items;
  const name = named ?? models?.find(({ production }) => production !== null)?.name ?? "";
  const model = useQuery({
    ...getModelOptions({ path: { name } }),
    enabled: Boolean(name),
    refetchInterval: ({ state: { data } }) =>
      data && data.production !== null && !data.is_served ? STARTING : false,
  });

  if (list.error) return <Failure error={list.error} onRetry={list.refetch} />;
  if (!models) return <FormSkeleton />;
  if (!models.length) return <NoModels title="No models yet" to={paths.train} action="Train one" />;
  if (!name)
    return (
      <NoModels title="No model is in production" to={paths.models} action="Open the models" />
    );
  const choice = <ModelSelect models={models} chosen={name} pathOf={pathOf} />;
  if (model.error)
    return (
      <div className="grid gap-4">
        <Card className="p-5">{choice}</Card>
        <Failure error={model.error} onRetry={model.refetch} />
      </div>
    );
  if (!model.data) return <FormSkeleton />;
  if (model.data.production === null) return <NotUsable model={model.data} choice={choice} />;
  return children(model.data, choice);
}

function NoModels({ title, to, action }: { title: string; to: string; action: string }) {
  return (
    <Card>
      <Empty
        icon={BoxIcon}
        title={title}
        action={
          <Button asChild>
            <Link href={to}>{action}</Link>
          </Button>
        }
      >
        A model answers once one of its versions is in production: train a version, then promote it
        on the model&apos;s page.
      </Empty>
    </Card>
  );
}
