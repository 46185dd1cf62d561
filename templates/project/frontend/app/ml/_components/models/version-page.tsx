"use client";

import { useQuery } from "@tanstack/react-query";
import type { Recipe, VersionDetail } from "../../_api";
import { getModelOptions, getVersionOptions } from "../../_api/@tanstack/react-query.gen";
import { ago, dateTime } from "../../_lib/format";
import { isOver } from "../../_lib/jobs";
import { useAreRecipesComing, useNewestJob, useRecipes } from "../../_lib/models-queries";
import { paths } from "../../_lib/paths";
import { PageHeader } from "../page-header";
import { Skeleton } from "../ui/skeleton";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "../ui/tabs";
import { JobNotes } from "./job-notes";
import { NotLoaded } from "./not-loaded";
import { Report } from "./report";
import { StageBadge } from "./stage-badge";
import { VersionActions } from "./version-actions";
import { VersionDetails } from "./version-details";

/** `number` as in the address, where anything may stand. */
type Props = { name: string; number: string };

export function VersionPage({ name, number: asked }: Props) {
  const number = Number(asked); // what is none, the API does not find
  const found = useQuery(getVersionOptions({ path: { name, number } }));
  const { data: model, ...modelQuery } = useQuery(getModelOptions({ path: { name } }));
  const isComing = [useAreRecipesComing(), found.isPending, modelQuery.isPending].some(Boolean);
  const recipe = useRecipes().get(model?.recipe ?? "");
  const deployment = useNewestJob(name, "deploy");
  const version = found.data;
  const isOfThis = deployment?.model_version_id === version?.id;
  const back = { href: paths.model(name), title: name };

  return (
    <>
      <PageHeader
        back={back}
        title={
          <>
            Version {asked} {version && <StageBadge stage={version.stage} />}
          </>
        }
        description={
          <span title={version && dateTime(version.created_at)}>
            {version
              ? [...madeBy(version, recipe), `trained ${ago(version.created_at)}`].join(" · ")
              : "\u00a0"}
          </span>
        }
        actions={
          version &&
          model && (
            <VersionActions
              model={model}
              version={version}
              isDeploying={deployment !== undefined && !isOver(deployment)}
            />
          )
        }
      />
      {found.error && (
        <NotLoaded
          error={found.error}
          onRetry={found.refetch}
          what={`version ${asked} of ${name}`}
          back={back}
        />
      )}
      {isComing && !found.error && (
        <div role="status" aria-label="Loading" className="grid gap-5 lg:grid-cols-2">
          <Skeleton className="h-96 rounded-xl" />
          <Skeleton className="h-96 rounded-xl" />
        </div>
      )}
      {version && !isComing && (
        <>
          <JobNotes
            deployment={isOfThis ? deployment : undefined}
            numbers={new Map([[version.id, version.number]])}
          />
          <Tabs defaultValue="details">
            <TabsList>
              <TabsTrigger value="details">Details</TabsTrigger>
              <TabsTrigger value="report">Report</TabsTrigger>
            </TabsList>
            <TabsContent value="details">
              <VersionDetails version={version} recipe={recipe} />
            </TabsContent>
            <TabsContent value="report">
              <Report name={name} number={version.number} />
            </TabsContent>
          </Tabs>
        </>
      )}
    </>
  );
}

/** As "Text classification", "linear". */
function madeBy({ manifest }: VersionDetail, recipe?: Recipe): string[] {
  const names = [recipe?.title ?? manifest.task, manifest.algorithm];
  return names.filter((name) => typeof name === "string");
}
