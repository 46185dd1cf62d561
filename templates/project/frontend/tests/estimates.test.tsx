import { render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { EstimateTable } from "../app/ml/_components/estimate-table";
import type { GpuEstimate } from "../app/ml/_lib/estimates";

const gpu = (name: string, part: Partial<GpuEstimate>): GpuEstimate => ({
  gpu: name,
  tier: "on-demand",
  verdict: "fits",
  memory_bytes: { needed: 9.2e9, available: 24e9 },
  seconds: 840,
  seconds_range: [600, 1200],
  usd: 0.21,
  usd_range: [0.15, 0.3],
  ...part,
});

describe("the estimate of a training", () => {
  it("lists each GPU with what it has against it", () => {
    const gpus = [gpu("L4", {}), gpu("T4", { verdict: "does not fit", usd: 0.05 })];
    render(<EstimateTable provider="modal" gpus={gpus} seconds_here={null} warnings={["Old."]} />);
    const [, first, second] = screen.getAllByRole("row");
    expect(first?.textContent).toContain("L4on-demandfits9.2 GB of 24.0 GB14 min10 min to 20 min");
    expect(first?.textContent).toContain("$0.21$0.15 to $0.30");
    expect(second?.textContent).toContain("does not fit");
    expect(screen.getByRole("listitem").textContent).toBe("Old.");
  });

  it("has no table where nothing is rented, but the time of this machine", () => {
    render(<EstimateTable provider="local" gpus={[]} seconds_here={100} warnings={[]} />);
    expect(screen.queryByRole("table")).toBeNull();
    expect(screen.getByRole("listitem").textContent).toContain(
      "by its last run: 1 min 40 s, free.",
    );
  });
});
