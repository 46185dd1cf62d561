import type { Metadata } from "next";
import { Job } from "../../../_components/jobs/job";

export const metadata: Metadata = { title: "Job" };

export default async function JobPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return <Job key={id} id={id} />;
}
