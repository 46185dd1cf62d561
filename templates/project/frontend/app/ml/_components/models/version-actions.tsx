"use client";

import { useMutation } from "@tanstack/react-query";
import { ArrowUpFromLineIcon, DownloadIcon, GitCompareIcon } from "lucide-react";
import Link from "next/link";
import type { Model, Version } from "../../_api";
import { download } from "../../_lib/download";
import { bytes } from "../../_lib/format";
import { paths } from "../../_lib/paths";
import { Button } from "../ui/button";
import { Promote } from "./promote";

type Props = { model: Model; version: Version; isDeploying: boolean };

export function VersionActions({ model, version: { number, ...version }, isDeploying }: Props) {
  const { name, production } = model;
  const artifact = useMutation({
    mutationFn: () =>
      download(`/ml/models/${name}/versions/${number}/artifact`, `${name}-${number}.tar`),
  });
  return (
    <>
      <Button
        variant="outline"
        pending={artifact.isPending}
        onClick={() => artifact.mutate()}
        title="All files of the version as .tar, to serve it elsewhere"
      >
        {!artifact.isPending && <DownloadIcon />} Download ({bytes(version.bytes)})
      </Button>
      {production !== null && production !== number && (
        <Button asChild variant="outline">
          <Link
            href={paths.compare(
              name,
              [production, number].toSorted((a, b) => a - b),
            )}
          >
            <GitCompareIcon /> Compare with version {production}
          </Link>
        </Button>
      )}
      {(version.stage !== "production" || !model.is_served) && (
        <Promote
          model={model}
          number={number}
          trigger={
            <Button disabled={isDeploying}>
              <ArrowUpFromLineIcon /> Promote
            </Button>
          }
        />
      )}
    </>
  );
}
