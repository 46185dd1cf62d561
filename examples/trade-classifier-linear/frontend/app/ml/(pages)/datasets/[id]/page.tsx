import type { Metadata } from "next";
import { DatasetPage } from "../../../_components/datasets/dataset-page";

export const metadata: Metadata = { title: "Data set" };

type Props = { params: Promise<{ id: string }> };

export default async function Page({ params }: Props) {
  const { id } = await params;
  return <DatasetPage id={id} />;
}
