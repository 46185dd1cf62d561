import type { Metadata } from "next";
import { Suspense } from "react";
import { ComparePage } from "../../../../_components/models/compare-page";

type Props = { params: Promise<{ name: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Compare versions of ${(await params).name}` };
}

export default async function Page({ params }: Props) {
  const { name } = await params;
  return (
    <Suspense>
      <ComparePage key={name} name={name} />
    </Suspense>
  );
}
