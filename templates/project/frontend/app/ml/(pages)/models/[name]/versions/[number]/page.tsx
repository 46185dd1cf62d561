import type { Metadata } from "next";
import { VersionPage } from "../../../../../_components/models/version-page";

type Props = { params: Promise<{ name: string; number: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { name, number } = await params;
  return { title: `${name}, version ${number}` };
}

export default async function Page({ params }: Props) {
  const { name, number } = await params;
  return <VersionPage key={`${name}/${number}`} name={name} number={number} />;
}
