import type { Metadata } from "next";
import { ModelPage } from "../../../_components/models/model-page";

type Props = { params: Promise<{ name: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await params).name };
}

export default async function Page({ params }: Props) {
  const { name } = await params;
  return <ModelPage key={name} name={name} />;
}
