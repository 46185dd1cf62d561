"use client";

import { useQuery } from "@tanstack/react-query";
import { RocketIcon } from "lucide-react";
import Link from "next/link";
import { getDatasetVersionOptions } from "../../_api/@tanstack/react-query.gen";
import { paths } from "../../_lib/paths";
import { Button } from "../ui/button";

type Props = { dataset: string; number: number };

/** Leads to the training; not from a version with errors, which no training takes. */
export function TrainButton({ dataset, number }: Props) {
  const { data: version } = useQuery(
    getDatasetVersionOptions({ path: { dataset_id: dataset, number } }),
  );
  const title = (
    <>
      <RocketIcon /> Train on this version
    </>
  );
  if (!version || version.status === "invalid") {
    return (
      <Button disabled title={version && "It has errors: mend them first."}>
        {title}
      </Button>
    );
  }
  return (
    <Button asChild>
      <Link href={paths.trainOn(version.id)}>{title}</Link>
    </Button>
  );
}
