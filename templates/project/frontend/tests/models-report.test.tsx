import { describe, expect, it } from "vitest";
import { framed } from "../app/ml/_lib/models-report";

describe("a report in a frame", () => {
  const page = new DOMParser().parseFromString(
    framed("<!doctype html><html lang=en><head><title>T</title></head><body>B</body></html>"),
    "text/html",
  );

  it("stays a whole page", () => {
    expect(page.title).toBe("T");
    expect(page.body.textContent?.trim()).toBe("B");
    expect(page.compatMode).toBe("CSS1Compat");
  });

  it("loads and runs nothing", () => {
    const policy = page.querySelector("meta[http-equiv]")?.getAttribute("content");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("script-src");
  });
});
